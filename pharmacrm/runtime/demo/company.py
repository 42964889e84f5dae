"""The order in which the demonstration is written."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils.timezone import localtime

from .content import seed_content
from .master import seed_master
from .people import seed_people
from .standing import seed_standing
from .tiers import seed_tiers

SEED = 20261121
A_YEAR = timedelta(days=365)


def seed(*, at: datetime, say: Callable[[str], None], small: bool = False) -> None:
    """Write the whole company as of `at`; a small one for tests has a tenth of the visits."""
    dice = random.Random(SEED)
    company = seed_people(at=at - A_YEAR, dice=dice)
    say(f"{len(company.reps)} representatives, {len(company.managers)} line managers, the territory tree")
    seed_master(company, at=at - A_YEAR, dice=dice)
    say("300 hospitals, 3,000 doctors, by import")
    seed_standing(company, at=at - A_YEAR, today=localtime(at).date(), dice=dice)
    say("contracts, filings, courses and certificates")
    seed_content(company, at=at, dice=dice)
    say("3 products, 8 references, 7 claims, 40 materials in every state")
    seed_tiers(company, at=at, clock=lambda: at)
    say("a scoring model in force and its first run")
