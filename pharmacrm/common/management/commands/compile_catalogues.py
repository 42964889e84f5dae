"""`manage.py compile_catalogues`: .po → .mo with polib, so that running needs no gettext tools."""

from typing import Any

from django.core.management.base import BaseCommand

from pharmacrm.common import catalogues


class Command(BaseCommand):
    help = "Compile every message catalogue that has changed."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{catalogues.compile_all()} catalogues compiled")
