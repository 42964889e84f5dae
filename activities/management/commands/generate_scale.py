"""Fill an empty database with the whole measuring load: doctors, contacts, papers, visits.

What it writes is live rows alone, by COPY and one INSERT … SELECT, by the owner of the tables: no row has a version in
its history, an entry in the ledger, a verdict or a message in the outbox, and no act is claimed to have made it. A
submitted visit has to name a verdict; these name the nil key, which no verdict has. Visits rest on the contacts of the
stream in doctor, day and kind, but a contact does not name its visit, and they have neither products nor materials nor
notes. The parts of default size keep the proportion of the national load: ten doctors a hospital, one visit to two
contacts, one paper to two doctors.
"""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from activities.management import visits
from doctors.management import load


class Command(BaseCommand):
    help = (
        "Fill the database with N invented doctors in N/10 hospitals, M contacts, visits and papers, without row history. "
        "For measuring only: it refuses a database that holds doctors, unless told --yes. With --doctors 0 it adds to the "
        "invented doctors that stand."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--doctors", type=int, required=True)
        parser.add_argument("--interactions", type=int, required=True)
        parser.add_argument("--visits", type=int, help="as a rule half as many as contacts")
        parser.add_argument("--publications", type=int, help="as a rule half as many as doctors")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--yes", action="store_true", help="add to a database that holds doctors already")

    def handle(self, *args: Any, **options: Any) -> None:
        doctors, contacts = options["doctors"], options["interactions"]
        asked = {"visits": contacts // 2, "publications": doctors // 2}
        asked.update({name: options[name] for name in asked if options[name] is not None})
        if not options["yes"] and not load.is_empty():
            raise CommandError("This database holds doctors. Use an empty one, or say --yes.")
        if 0 < doctors < 10 or min(doctors, contacts, *asked.values()) < 0:
            raise CommandError("At least ten doctors, and no negative number of anything.")
        if not doctors and (contacts or load.is_empty()):
            raise CommandError("Contacts, visits and papers need doctors.")
        started = time.monotonic()
        tables = [*(load.TABLES if doctors else load.PAPERS), *visits.TABLES]
        with load.bare_tables(tables, self.stdout.write):
            rows = load.fill(doctors, contacts, options["seed"])
            rows += load.fill_papers(asked["publications"], options["seed"])
            if asked["visits"]:
                rows += visits.fill_visits(load.visits_to_write(asked["visits"]), timezone.now().isoformat())
        loaded = time.monotonic() - started
        load.settle()
        self.stdout.write(f"{rows:,} rows in {loaded:.1f} s with indexes ({rows / loaded:,.0f} rows/s)")
