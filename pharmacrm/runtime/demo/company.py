"""The order in which the demonstration is written."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils.timezone import localtime

from pharmacrm.common import outbox
from pharmacrm.common.models import Notification, OutboxMessage

from .consents import seed_consents, seed_notices
from .content import seed_content
from .desk import seed_desk
from .events import seed_events
from .field import VISITS_OF_A_REP, seed_cycle, seed_doors, seed_today, seed_visits
from .inspection import seed_inspection
from .master import seed_master
from .oversight import seed_oversight
from .people import seed_people
from .records import seed_exceptions, seed_files, seed_papers
from .standing import seed_limits, seed_standing
from .tiers import seed_tiers
from .training import seed_training

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
    seed_limits(company, at=at - A_YEAR)
    say("contracts, filings, courses and certificates; yearly limits of speakers")
    seed_notices(company, at=at - A_YEAR, today=localtime(at).date())
    say("the consent notices, published in the company's name")
    seed_content(company, at=at, dice=dice)
    say("3 products, 8 references, 8 claims, 40 materials in every state")
    late = seed_training(company, at=at)
    say(f"4 courses with chapters, cases and quizzes; {late} duty overdue")
    today = localtime(at).date()
    seed_doors(company, at=at - A_YEAR, today=today)
    seed_cycle(company, at=at - timedelta(days=60), today=today)
    say("consents and reception rules of the hospitals, the goals of the quarter")
    visits = seed_visits(company, at=at, dice=dice, each=3 if small else VISITS_OF_A_REP)
    say(f"{visits:,} visits of twelve months")
    events = seed_events(company, at=at, dice=dice)
    say(f"{events} academic events")
    papers = seed_papers(company, at=at - timedelta(days=40))
    answers = seed_consents(company, at=at, today=today)
    say(f"{papers} papers of doctors, {answers} answers on consent")
    catch_up(at=at)
    say("what followed from them: streams, messages, findings")
    seed_tiers(company, at=at, clock=lambda: at)
    say("a scoring model in force, its runs of three quarters and today's")
    read_old_messages(at=at)
    seed_today(company, at=at, dice=dice)
    asked = seed_desk(company, at=at)
    seed_files(company, at=at)
    seed_exceptions(company, at=at)
    say(f"{asked} requests of doctors, lists, claims, a realignment to decide, likely pairs")
    signals = seed_oversight(company, at=at)
    seed_inspection(company, at=at)
    catch_up(at=at)
    say(f"cases, hotline, an incident, a sampling plan; the detectors found {signals}")
    say("the plan of the coming days, a running safety clock, an open question")


def read_old_messages(*, at: datetime) -> None:
    """Let everybody have read what is older than two days: a year of unread messages hides today's."""
    old = Notification.objects.filter(read_at__isnull=True, created_at__lt=at - timedelta(days=2))
    old.update(read_at=at - timedelta(days=1))


def catch_up(*, at: datetime) -> None:
    """Do at once what a worker would do next, so that the demonstration starts with nothing left over."""
    for pk in list(OutboxMessage.objects.filter(state="waiting").order_by("pk").values_list("pk", flat=True)):
        outbox.run(pk, at=at)
