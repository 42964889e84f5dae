"""Say what is over its term. Destroying takes two signatures, and these are given on the page."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.actions.retention import plan_on
from compliance.subjects import title_of


class Command(BaseCommand):
    help = "List what of each class a run would destroy or anonymise, why, and what holds and cases keep. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="required: this command destroys nothing")
        parser.add_argument("--on", type=date.fromisoformat, help="the day to go by; default today")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["dry_run"]:
            raise CommandError(
                "Records are destroyed by two signatures, on /compliance/retention/. Here: --dry-run."
            )
        at = timezone.now()
        for one in plan_on(options["on"] or timezone.localdate(at), at):
            term = one.term
            how_long = f"{term.months} months" if term.months % 12 else f"{term.years} years"
            self.stdout.write(
                f"{term.id}: {how_long} after {term.starts['en']} ({term.clause}, {term.confidence}); {term.treatment}"
            )
            if not one.ends:
                self.stdout.write("  nothing is destroyed by this engine")
                continue
            self.stdout.write(f"  {one.due} over their term, {one.held} kept, {one.goes} would go")
            for key in one.first:
                self.stdout.write(f"  {key}")
            for key, subject in one.first_held:
                self.stdout.write(f"  kept: {key} by a hold or a case on {subject} ({title_of(subject)})")
