"""Adopt the shipped rule book on a fresh installation."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandParser, no_translations
from django.utils import timezone

from compliance import actions as law
from compliance.evaluate import point_shapes
from compliance.rules.folder import book_of_files, read_folder_texts


class Command(BaseCommand):
    help = "Adopt the shipped rule book as pack 1. Does nothing when a pack stands already."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from", dest="folder", type=Path, help="a folder that export_book wrote, figures included"
        )
        parser.add_argument("--by", default="", help="user name of the person who adopts it")
        parser.add_argument(
            "--policies",
            action="store_true",
            help="adopt the company policies too, whose sources nobody read; the demonstration always does",
        )

    @no_translations  # the console reads English, whatever the company's language is
    def handle(self, *args: Any, **options: Any) -> None:
        by = get_user_model().objects.filter(username=options["by"]).first() if options["by"] else None
        folder = options["folder"]
        try:
            book = book_of_files(read_folder_texts(folder), point_shapes()) if folder else None
            pack = law.adopt_book(
                book, by=by, at=timezone.now(), adopt_policies=options["policies"] or settings.DEMO
            )
        except law.BookAlreadyAdopted as stands:
            self.stdout.write(str(stands))
            return
        self.stdout.write(f"Adopted {pack.versions.count()} rules as pack {pack.key}.")
