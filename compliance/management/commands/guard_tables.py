"""Guard every governed table. Run as owner after each migrate."""

from typing import Any

from django.core.management.base import BaseCommand

from compliance.actions.guarding import guard_tables


class Command(BaseCommand):
    help = "Put the triggers on every governed table and its history."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{guard_tables()} new triggers.")
