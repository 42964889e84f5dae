"""`manage.py seed_demo`: the invented company, written through the same doors and actions as in daily work."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from pharmacrm.accounts.models import User
from pharmacrm.runtime import demonstration
from pharmacrm.runtime.demo import company
from pharmacrm.runtime.demo.logins import write_logins


class Command(BaseCommand):
    help = "Fill an empty database with the demonstration company. Works with PHARMACRM_DEMO=1 only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--small", action="store_true", help="a tenth of the people and visits, for tests"
        )

    def handle(self, *args: Any, small: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("seed_demo works with PHARMACRM_DEMO=1 only.")
        if User.objects.exists():
            raise CommandError("There is data already; seed_demo fills an empty database only.")
        began = time.monotonic()
        parts = 0
        demonstration.note(settings.HOME, parts)

        def say(what: str) -> None:
            nonlocal parts
            parts += 1
            self.stdout.write(f"    {time.monotonic() - began:6.1f} s  {what}")
            self.stdout.flush()
            demonstration.note(settings.HOME, parts)

        company.seed(at=timezone.now(), say=say, small=small)
        write_logins()
        demonstration.finished(settings.HOME)
