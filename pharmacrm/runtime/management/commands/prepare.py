"""`manage.py prepare`: bring the database up to the code. Runs as the owner of the tables, before the start."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from compliance.actions.guarding import grant_app_role, guard_tables
from pharmacrm.runtime import demonstration
from pharmacrm.runtime.demo.logins import write_logins
from pharmacrm.runtime.postgres import APPLICATION


class Command(BaseCommand):
    help = "Migrate, grant, schedule and, in a demonstration, seed an empty database."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", default=APPLICATION, help="the application's database role")
        parser.add_argument(
            "--without-demonstration",
            action="store_true",
            help="only note that it is due: the supervisor has it written while the first pages are served",
        )

    def handle(self, *args: Any, role: str, without_demonstration: bool, **options: Any) -> None:
        self._step("database schema", "migrate", interactive=False, verbosity=0)
        guard_tables()
        if _exists(role) and not _is_current(role):
            grant_app_role(role)
        self._step("schedules", "schedule", stdout=_Silence())
        if "adopt_rulebook" in get_commands():
            self._step("rule book", "adopt_rulebook")
        if not settings.DEMO:
            return
        if get_user_model().objects.exists():
            write_logins()
        elif without_demonstration:
            demonstration.note(settings.HOME, 0)
        else:
            self._step("demonstration data", "seed_demo")

    def _step(self, title: str, command: str, *arguments: str, **options: Any) -> None:
        began = time.monotonic()
        self.stdout.write(f"· {title} …")
        self.stdout.flush()
        call_command(command, *arguments, **{"stdout": self.stdout, **options})
        self.stdout.write(f"· {title}: done ({time.monotonic() - began:.1f} s)")
        self.stdout.flush()


class _Silence:
    def write(self, _text: str) -> None:
        return

    def flush(self) -> None:
        return


def _exists(role: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        return cursor.fetchone() is not None


def _is_current(role: str) -> bool:
    return str(connection.settings_dict["USER"]) == role
