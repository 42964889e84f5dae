"""Give the application's database role its rights. Run as owner after each migrate."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from compliance.actions.guarding import grant_app_role, guard_tables


class Command(BaseCommand):
    help = "Guard every governed table, then grant ROLE what the application needs and nothing more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="The database role that web and worker use.")

    def handle(self, *args: Any, **options: Any) -> None:
        guard_tables()
        grant_app_role(options["role"])
        self.stdout.write(f"Rights of {options['role']} set.")
