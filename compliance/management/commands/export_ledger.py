"""Write the sealed ledger as files that others' tools verify (C2SP tlog-tiles), with the stand-alone verifier."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.selectors.export import write_log
from compliance.selectors.log import NotSealedYet


class Command(BaseCommand):
    help = "Export the ledger to DIR; then `python3 DIR/verify.py ledger DIR --key DIR/key` checks it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="A new or empty folder.")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if folder.exists() and any(folder.iterdir()):
            raise CommandError(f"{folder} is not empty.")
        try:
            size = write_log(folder)
        except NotSealedYet as early:
            raise CommandError("Nothing is sealed yet. Run seal_ledger first.") from early
        self.stdout.write(f"{size} entries written to {folder}.")
