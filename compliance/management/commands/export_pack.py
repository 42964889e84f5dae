"""Write an inspector's pack about a record, a person or days, with everything that is needed to check it elsewhere."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance import subjects
from compliance.actions.inspection import PackNotMade, record_export, write_to
from compliance.selectors.packs import Scope, TooMuchForAPack
from compliance.selectors.packs.writing import Cover
from pharmacrm.common.leaving import Door, count_leaving


class Command(BaseCommand):
    help = (
        "Write a pack: `export_pack doctor:018f… --to pack.zip --reason …`, or --since and --until for days."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("subject", nargs="?", default="", help="kind:key, such as doctor:018f…")
        parser.add_argument("--since", type=date.fromisoformat, help="first day")
        parser.add_argument("--until", type=date.fromisoformat, help="last day")
        parser.add_argument("--to", type=Path, required=True, help="the zip to write; it must not exist")
        parser.add_argument("--reason", required=True)
        parser.add_argument("--language", default="zh-hans", choices=["zh-hans", "en"])

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["to"]
        if path.exists():
            raise CommandError(f"{path} exists already.")
        if not options["subject"] and not (options["since"] and options["until"]):
            raise CommandError("Name a subject, or --since and --until.")
        at = timezone.now()
        scope = Scope(options["subject"], options["since"], options["until"])
        title = subjects.title_of(scope.subject) if scope.subject else f"{scope.since} – {scope.until}"
        cover = Cover(title, options["reason"], "", at, options["language"])
        try:
            with path.open("w+b") as target:
                written = write_to(target, scope, cover=cover, at=at)
        except (PackNotMade, TooMuchForAPack) as refusal:
            path.unlink()
            raise CommandError(str(refusal)) from refusal
        count_leaving(Door.PACK, name=path.name, persons=written.persons, by=None, at=at)
        record_export(scope, path=path, reason=options["reason"], at=at)
        seconds = (timezone.now() - at).total_seconds()
        self.stdout.write(
            f"{written.acts} acts, {written.records} records, {written.signatures} signatures, "
            f"{written.verdicts} verdicts, {written.rules} rules in {path}, {seconds:.1f} s"
        )
