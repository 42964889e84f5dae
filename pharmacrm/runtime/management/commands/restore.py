"""`manage.py restore FOLDER`: a checked backup takes the place of what is there now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from compliance.actions.guarding import grant_app_role
from doctors.actions import reapply_erasures
from pharmacrm.runtime import backup
from pharmacrm.runtime.binaries import NoBinaries
from pharmacrm.runtime.postgres import APPLICATION


class Command(BaseCommand):
    help = "Check a backup; with --replace, put it in the place of the present data."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--keys-from", type=Path, help="where the keys are, if they are kept apart")
        parser.add_argument("--replace", action="store_true", help="really restore; else only check")
        parser.add_argument("--role", default=APPLICATION, help="the application's database role")

    def handle(
        self, *args: Any, folder: Path, keys_from: Path | None, replace: bool, role: str, **options: Any
    ) -> None:
        at = timezone.now()
        try:
            if not replace:
                made = backup.check(folder, keys_from=keys_from)
                self.stdout.write(
                    f"The backup of {made.made_at} is whole. Nothing was changed: add --replace."
                )
                return
            made = backup.restore(folder, at=at, keys_from=keys_from)
        except (backup.BackupFault, NoBinaries, OSError) as fault:
            raise CommandError(f"Nothing was restored: {fault}") from fault
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            has_role = cursor.fetchone() is not None
        if has_role and connection.settings_dict["USER"] != role:
            grant_app_role(role)
        again = reapply_erasures(at=at)
        if again:
            self.stdout.write(f"{again} doctors who were erased since then were erased again.")
        self.stdout.write(
            f"Restored the backup of {made.made_at}: {len(made.tables)} tables equal their digests. "
            "Run verify_ledger against the last outside checkpoint."
        )
