"""Take an exported ledger over into a database that has none."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.actions.importing import import_ledger
from compliance.log.exported import ExportRefused


class Command(BaseCommand):
    help = "Import what `export_ledger` wrote into a migrated, unused database with the exporting installation's keys."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--key", required=True, help="The published key, or its file, kept apart from the export."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        place = Path(options["key"])
        key = place.read_text(encoding="utf-8").strip() if place.is_file() else options["key"]
        try:
            taken = import_ledger(options["folder"], trusted=key, at=timezone.now())
        except ExportRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{taken.size} entries imported; root {taken.root.hex()}. Run verify_ledger now.")
