"""Notices and answers of doctors: most agree to be met, some to messages, one in a hundred wants nothing at all."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from uuid import UUID

from doctors import actions as doctors
from doctors import selectors
from doctors.choices import Channel, ConsentState
from doctors.rules.notices import Controller
from pharmacrm.accounts.models import User

from .library import HOLDER, HOLDER_ADDRESS
from .people import Company

SEED = 20261122
CONTROLLER = Controller(HOLDER, HOLDER_ADDRESS, "privacy@hengyu.example，0571-0000 0000（示例）")
ANSWERED_OF_A_REP = 6
WITH_A_PLAN = 12  # representatives whose coming days are planned
NEWS_CHANNELS = (Channel.EMAIL, Channel.WECOM, Channel.SMS)


def seed_notices(company: Company, *, at: datetime, today: date) -> None:
    """Publish the shipped notices a year ago, in the company's name."""
    doctors.adopt_shipped_notices(
        controller=CONTROLLER,
        valid_from=today - timedelta(days=365),
        by=company.office["compliance"],
        at=at,
    )


def seed_consents(company: Company, *, at: datetime, today: date) -> int:
    """Write down what doctors answered. Nobody whom the first representatives plan to visit says never. Returns: how many."""
    dice = random.Random(SEED)
    notices = {code: selectors.notice_in_force(code, today) for code in ("academic_contact", "academic_news")}
    if None in notices.values():
        raise RuntimeError("The notices have to be published first.")
    written = 0
    for number, (rep, territory, _district) in enumerate(company.reps):
        own = list(
            selectors.doctors_in_territories([territory.pk], today)
            .order_by("code")
            .values_list("pk", flat=True)
        )
        for place, doctor in enumerate(own[:ANSWERED_OF_A_REP]):
            moment = at - timedelta(days=dice.randrange(20, 200), minutes=dice.randrange(400))
            written += _agree(doctor, "academic_contact", "", notices["academic_contact"].pk, rep, moment)
            if place % 2:
                channel = dice.choice(NEWS_CHANNELS)
                written += _agree(doctor, "academic_news", channel, notices["academic_news"].pk, rep, moment)
                if dice.random() < 0.2:
                    doctors.withdraw_consent(
                        doctor_id=doctor,
                        channel=channel,
                        purpose="academic_news",
                        by=rep,
                        at=at - timedelta(days=9),
                    )
                    written += 1
        quiet = dice.choice(own[ANSWERED_OF_A_REP:])
        if number % 4 == 0:
            doctors.withdraw_consent(doctor_id=quiet, purpose="profiling", by=rep, at=at - timedelta(days=40))
            written += 1
        elif number >= WITH_A_PLAN and number % 4 == 1:
            doctors.withdraw_consent(doctor_id=quiet, by=rep, at=at - timedelta(days=30), never=True)
            written += 1
    return written


def _agree(doctor: UUID, purpose: str, channel: str, notice: UUID, by: User, at: datetime) -> int:
    doctors.record_consent(
        doctor_id=doctor,
        state=ConsentState.GIVEN,
        purpose=purpose,
        channel=channel,
        notice_id=notice,
        obtained_by=Channel.VISIT,
        by=by,
        at=at,
    )
    return 1
