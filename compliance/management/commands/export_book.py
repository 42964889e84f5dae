"""Write the live rule book as a folder."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from compliance.rules.folder import files_of
from compliance.selectors import live_book


class Command(BaseCommand):
    help = "Write the live rule book as a folder: one YAML file a text, and book.yaml with figures and ends."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        book = live_book(timezone.now())
        files = files_of(book)
        for name, text in files.items():
            place = options["folder"] / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        self.stdout.write(f"{len(files) - 1} texts and {len(book.parameters)} figures of pack {book.key}.")
