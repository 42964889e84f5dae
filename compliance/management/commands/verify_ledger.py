"""Check the whole record against the ledger, and the ledger against checkpoints kept elsewhere."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.actions.verifying import verify


class Command(BaseCommand):
    help = "Name every changed, deleted or inserted row. Ends 0 when everything agrees, 1 when something differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--checkpoint", type=Path, help="A checkpoint kept elsewhere: a signed note.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path | None = options["checkpoint"]
        if path and not path.is_file():
            raise CommandError(f"There is no file {path}.", returncode=2)
        notes = [path.read_text(encoding="utf-8")] if path else []
        run = verify(at=timezone.now(), outside=notes, clock=timezone.now)
        for one in run.differences:
            act = one.get("act")
            by = (
                f" — act: {act['event']} {act['subject']} by {act['by'] or 'the system'}, {act['at']}"
                if act
                else ""
            )
            self.stdout.write(f"DIFFERS {one['table']} {one['said']}{by}")
        if run.unnamed:
            for table, kinds in run.counts.items():
                said = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
                self.stdout.write(f"COUNTED {table} {said}")
            self.stdout.write(f"{run.total} differences; {len(run.differences)} of them are named above.")
        seconds = (run.finished_at - run.started_at).total_seconds()
        erased = f", {run.erased} erased by recorded acts" if run.erased else ""
        self.stdout.write(
            f"{run.result}: {run.entries} entries, {run.rows} row versions{erased}, {seconds:.1f} s"
        )
        if run.differences:
            sys.exit(1)
