"""`manage.py schedule`: the beat's table says what the apps' SCHEDULES say."""

from typing import Any

from django.core.management.base import BaseCommand

from pharmacrm.runtime import schedules


class Command(BaseCommand):
    help = "Write the schedules of all apps into the beat's table."

    def handle(self, *args: Any, **options: Any) -> None:
        kept, removed = schedules.write(schedules.collected())
        self.stdout.write(f"{kept} schedules kept, {removed} removed")
