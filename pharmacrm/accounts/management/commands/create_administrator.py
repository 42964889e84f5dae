"""Appoint the first administrator of a fresh installation."""

import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from pharmacrm.accounts import actions
from pharmacrm.common.errors import DomainError


class Command(BaseCommand):
    help = "Appoint the first administrator; asks for the password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help="the name shown to others")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = actions.appoint_first_administrator(
                username=options["username"],
                email=options["email"],
                display_name=options["name"],
                password=getpass.getpass("Password: "),
                at=timezone.now(),
            )
        except ValidationError as weak:
            raise CommandError(" ".join(weak.messages)) from weak
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{user.username} may sign in and add people at /people/.")
