"""Change the key that signs the ledger's checkpoints."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.actions.keys import KeyNotChanged, rotate_ledger_key


class Command(BaseCommand):
    help = "Sign what stands with the old key and the new key too; what follows is signed by the new one. Back up afterwards."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            key = rotate_ledger_key(reason=options["reason"], at=timezone.now())
        except KeyNotChanged as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"New published key: {key}\nPublish it, and take a backup of the keys now.")
