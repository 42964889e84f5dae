"""`manage.py prepare`: bring the database up to the code. Runs as the owner of the tables, before the start."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.models import F

from compliance.actions.guarding import grant_app_role, guard_tables
from pharmacrm.runtime.demo.people import PASSWORD
from pharmacrm.runtime.postgres import APPLICATION


class Command(BaseCommand):
    help = "Migrate, grant, schedule and, in a demonstration, seed an empty database."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", default=APPLICATION, help="the application's database role")

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        self._step("database schema", "migrate", interactive=False, verbosity=0)
        guard_tables()
        if _exists(role) and not _is_current(role):
            grant_app_role(role)
        self._step("schedules", "schedule", stdout=_Silence())
        if "adopt_rulebook" in get_commands():
            self._step("rule book", "adopt_rulebook")
        if settings.DEMO and "seed_demo" in get_commands() and not get_user_model().objects.exists():
            self._step("demonstration data", "seed_demo")
        if settings.DEMO:
            _write_logins()

    def _step(self, title: str, command: str, *arguments: str, **options: Any) -> None:
        began = time.monotonic()
        self.stdout.write(f"· {title} …")
        self.stdout.flush()
        call_command(command, *arguments, **{"stdout": self.stdout, **options})
        self.stdout.write(f"· {title}: done ({time.monotonic() - began:.1f} s)")
        self.stdout.flush()


def _write_logins() -> None:
    """Leave one login a role where the supervisor prints it from. Demonstration only."""
    lines = [f"  Logins, all with the password {PASSWORD}\n"]
    for group in Group.objects.order_by("name"):
        # Those who report to somebody come first: the district's manager stands next to the printed representative.
        people = group.user_set.filter(is_active=True).order_by(F("line_manager").asc(nulls_last=True), "pk")
        person = people.first()
        if person is not None:
            lines.append(f"    {group.name:16} {person.get_username():16} {person.display_name}\n")
    lines.append("  Second factor: .venv/bin/python manage.py demo_code USER\n")
    place = settings.HOME / "run" / "demo-logins.txt"
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.write_text("".join(lines))


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
