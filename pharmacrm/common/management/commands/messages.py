"""`manage.py messages`: extract all strings, keep both catalogues in order, name what has no Chinese yet."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from pharmacrm.common import catalogues


class Command(BaseCommand):
    help = "Extract strings into locale/{zh_Hans,en}, sorted and without places; print what lacks Chinese."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--words", help="a JSON file {msgid: Chinese} to fill in on the way")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = catalogues.extracted()
        words = json.loads(Path(options["words"]).read_text("utf-8")) if options["words"] else {}
        for code in catalogues.CODES:
            missing = catalogues.merge(code, wanted, words)
            self.stdout.write(f"{code}: {len(wanted)} strings, {len(missing)} without words")
            for msgid in missing:
                self.stdout.write(f"  {msgid!r}")
        catalogues.compile_all()
