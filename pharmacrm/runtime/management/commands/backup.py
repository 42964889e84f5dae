"""`manage.py backup`: one whole of database, files and keys. A fault is an alarm, not a line in a log."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from doctors.actions import write_erasures
from pharmacrm.common.notifications import notify
from pharmacrm.runtime import backup
from pharmacrm.runtime.binaries import NoBinaries

log = logging.getLogger(__name__)
WATCHERS = "administrator"


class Command(BaseCommand):
    help = "Back up database, files and keys into a folder with a manifest of digests."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=settings.HOME / "backups", help="parent folder")
        parser.add_argument("--keys-to", type=Path, help="keep the keys apart, in this folder")
        parser.add_argument(
            "--keep", type=int, default=0, help="remove all but the newest N (0: remove none)"
        )

    def handle(self, *args: Any, to: Path, keys_to: Path | None, keep: int, **options: Any) -> None:
        at = timezone.now()
        folder = to / f"{at:%Y%m%dT%H%M%SZ}"
        try:
            write_erasures()  # beside the backups, never in one
            made = backup.back_up(folder, at=at, keys_to=keys_to)
        except (backup.BackupFault, NoBinaries, OSError, DatabaseError) as fault:
            _raise_alarm(str(fault))
            raise CommandError(f"NO BACKUP WAS MADE: {fault}") from fault
        rows = sum(count for count, _digest in made.tables.values())
        self.stdout.write(f"{folder}: {rows} rows, {len(made.files)} files, {len(made.keys)} keys")
        if keep:
            for gone in backup.remove_old(to, keep=keep):
                self.stdout.write(f"removed {gone}")


def _raise_alarm(fault: str) -> None:
    log.critical("No backup was made: %s", fault)
    at = timezone.now()
    try:
        for person in get_user_model().objects.filter(groups__name=WATCHERS, is_active=True):
            notify(
                recipient=person,
                kind="backup_failed",
                zh=f"备份未完成：{fault}",
                en=f"No backup was made: {fault}",
                at=at,
                subject=f"backup:{at:%Y%m%d}",
            )
    except DatabaseError:
        log.critical("The database does not even take the alarm.")
