"""Register an application that calls the REST API."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from pharmacrm.accounts.models import User
from pharmacrm.api import actions
from pharmacrm.common.errors import DomainError


class Command(BaseCommand):
    help = "Register an application: --service USER for client credentials, --redirect URL for code + PKCE."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--service", default="", help="user name of the service account")
        parser.add_argument("--redirect", default="", help="address the application returns to")

    def handle(self, *args: object, **options: str) -> None:
        account = None
        if options["service"]:
            account = User.objects.filter(username=options["service"]).first()
            if account is None:
                raise CommandError(f"There is no user {options['service']}.")
        try:
            client = actions.create_client(
                name=options["name"],
                service_account=account,
                redirect_uris=options["redirect"],
                by=None,
                at=timezone.now(),
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"client_id      {client.client_id}")
        if client.client_secret:
            self.stdout.write(f"client_secret  {client.client_secret}   (shown once)")
