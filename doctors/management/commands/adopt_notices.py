"""Publish the shipped consent notices with the company's name in them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from doctors import actions
from doctors.rules.notices import Controller, filled, shipped_notices
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError


class Command(BaseCommand):
    help = (
        "Publish the shipped consent notice of each purpose that has none. "
        "A company's own words are never replaced. With --show the texts are printed and nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company", required=True, help="name of the company that answers for the data")
        parser.add_argument("--address", required=True)
        parser.add_argument("--contact", required=True, help="whom doctors reach about their data")
        parser.add_argument("--by", default="", help="user name of the compliance officer who publishes them")
        parser.add_argument("--show", action="store_true", help="print the texts only")

    def handle(self, *args: Any, **options: Any) -> None:
        controller = Controller(options["company"], options["address"], options["contact"])
        if options["show"]:
            for one in shipped_notices():
                self.stdout.write(f"{one.code}\n\n{filled(one.text_zh, controller)}\n")
                self.stdout.write(f"\n{filled(one.text_en, controller)}\n\n")
            return
        by = User.objects.filter(username=options["by"], is_active=True).first()
        if by is None or not by.has_role("compliance", "steward"):
            raise CommandError("--by has to name a compliance officer or a data steward.")
        at = timezone.now()
        try:
            published = actions.adopt_shipped_notices(
                controller=controller, valid_from=timezone.localdate(), by=by, at=at
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Published {len(published)} notices.")
