"""Print the one-time code of a demonstration user. Works with PHARMACRM_DEMO=1 only."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.actions.demo import demo_secret
from compliance.actions.signing import code_at


class Command(BaseCommand):
    help = "Print the one-time code that a demonstration user types at login and when signing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="The login name.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("demo_code works with PHARMACRM_DEMO=1 only.")
        if not get_user_model().objects.filter(username=options["user"]).exists():
            raise CommandError(f"There is no user {options['user']}.")
        self.stdout.write(code_at(demo_secret(options["user"]), timezone.now()))
