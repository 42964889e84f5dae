"""Department meetings and case discussions in every state, approved, signed in and proven by the usual steps."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.timezone import localtime

from activities.actions import events as meetings
from activities.selectors import events as reads
from compliance import actions as law
from compliance.selectors.cockpit import inbox_of
from doctors import selectors as doctors
from pharmacrm.common.errors import Refused
from pharmacrm.common.files import store

from .content import pdf
from .people import Company

TOPICS = ("肾功能分层用药", "清晨血压管理", "双联抗血小板的时长", "老年共病用药", "糖尿病肾病病例讨论")
GUESTS = (
    ("章予安", "示例大学附属第一医院", "附一科教〔示例〕12 号"),
    ("顾清和", "示例医科大学总医院", "总院科教〔示例〕7 号"),
)
FEE: dict[str, Any] = {
    "inviter_kind": "society", "fee_payer": "host", "fee_fen": 80_000, "host_standard_fen": 100_000,
}  # fmt: skip
PROOFS = ("agenda", "photo", "sponsor_photo", "sign_in")
# What a head eats for, in fen: tea alone, a lunch box, a table at a restaurant; the last three stand close to the cap.
MEALS = (0, 4_500, 6_800, 16_800, 12_000, 3_800, 23_800, 26_800, 0, 8_800, 28_500, 29_800)


def seed_events(company: Company, *, at: datetime, dice: random.Random) -> int:
    """Hold one meeting a month in each district, and leave some planned, asked for and in proof. Returns: how many."""
    written = 0
    for place, (code, manager) in enumerate(company.managers.items()):
        reps = [(rep, territory) for rep, territory, district in company.reps if district == code]
        for month in range(1, 6):
            rep, territory = reps[month % len(reps)]
            moment = localtime(at - timedelta(days=30 * month + place)).replace(
                hour=12, minute=30, second=0, microsecond=0
            )
            _event(company, rep, territory, manager, moment, moment - timedelta(days=6), "closed", dice)
            written += 1
        fate = ("draft", "requested", "approved", "proof")[place % 4]
        moment = at - timedelta(days=1) if fate == "proof" else at + timedelta(days=5)
        rep, territory = reps[0]
        _event(
            company,
            rep,
            territory,
            manager,
            moment,
            min(moment - timedelta(days=4), at - timedelta(hours=4)),
            fate,
            dice,
        )
        written += 1
    return written


def _event(
    company: Company, rep: Any, territory: Any, manager: Any, starts: datetime, planned: datetime, fate: str,
    dice: random.Random,
) -> None:  # fmt: skip
    own = list(doctors.doctors_in_territories([territory.pk], _day(starts)).select_related("hospital"))
    hospital = dice.choice(own).hospital
    there = [doctor for doctor in own if doctor.hospital_id == hospital.pk]
    consents = reads.consent_choices([hospital.pk], _day(starts))
    if not consents:
        return
    plan = _plan(hospital, there, consents[0][0], starts, dice, meal_of(starts))
    event = meetings.plan_event(plan=plan, by=rep, at=planned)
    if fate != "closed":
        asked = planned + timedelta(minutes=20)
        _speaker(event, company, rep, asked, is_invited=fate != "draft", is_paid=fate == "approved")
    if fate == "draft" or not _asked(event, rep, planned + timedelta(hours=1)) or fate == "requested":
        return
    for person in (manager, company.office["compliance"]):
        for step in inbox_of(person, _day(planned)).filter(request__subject=f"event:{event.pk}"):
            law.decide(step_id=step.pk, verb="agree", by=person, at=planned + timedelta(hours=3))
    if fate != "approved":
        _hold(event, rep, there, starts, closes=fate == "closed")


def _plan(
    hospital: Any, there: list[Any], consent_id: Any, starts: datetime, dice: random.Random, meal: int
) -> meetings.EventPlan:
    topic = dice.choice(TOPICS)
    return meetings.EventPlan(
        kind=dice.choice(("department_meeting", "case_discussion")),
        title=f"{topic}科室会",
        need=f"{hospital.name}医生提出的问题：{topic}。",
        topic=f"{topic} {starts:%m%d}",
        hospital_id=hospital.pk,
        department_id=there[0].department_id,
        consent_id=consent_id,
        venue="科室示教室",
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
        products=("SZA",),
        people_planned=len(there),
        meal_fen_per_head=meal,
        sponsor_shown=True,
        sessions=(meetings.SessionPlan(topic, 25), meetings.SessionPlan("病例与讨论", 30, kind="discussion")),
        budget=(("tea", 20_000), *((("meal", meal * len(there)),) if meal else ())),
    )


def _speaker(
    event: Any, company: Company, rep: Any, at: datetime, *, is_invited: bool, is_paid: bool = False
) -> None:
    """Propose somebody from elsewhere; medical verifies the choice before the invitation.

    Where a fee is paid, a society invites and pays it by its own standard, and nobody of the speaker's department listens.
    """
    name, institution, approval = GUESTS[event.starts_at.day % len(GUESTS)]
    said = meetings.SpeakerPlan(
        topic=event.topic.rpartition(" ")[0] or event.topic,
        name=name,
        institution=institution,
        department_name="临床药理科" if is_paid else "内分泌科",
        **(FEE if is_paid else {}),
        hospital_approval_number=approval,
        selection_reason="相关指南执笔组成员，近三年有该主题的综述发表。",
    )
    speaker = meetings.propose_speaker(event_id=event.pk, said=said, by=rep, at=at)
    if is_invited:
        meetings.verify_speaker(speaker_id=speaker.pk, by=company.office["medical"], at=at)
        meetings.invite_speaker(speaker_id=speaker.pk, by=rep, at=at + timedelta(minutes=5))


def meal_of(starts: datetime) -> int:
    """Return what a head eats for at a meeting of some day, in fen; the same day always eats the same."""
    return MEALS[_day(starts).toordinal() % len(MEALS)]


def _asked(event: Any, rep: Any, at: datetime) -> bool:
    """Ask for approval. Returns: False when the representative's standing does not allow it; it stays a draft."""
    try:
        meetings.request_event(event_id=event.pk, by=rep, at=at)
    except Refused:
        return False
    return True


def _hold(event: Any, rep: Any, there: list[Any], starts: datetime, *, closes: bool) -> None:
    meetings.start_event(event_id=event.pk, by=rep, at=starts)
    for place, doctor in enumerate(there):
        # Those still in proof signed in within one moment: something for the detectors to find.
        came = starts + timedelta(minutes=3, seconds=35 * place if closes else 1)
        meetings.sign_in_doctor(event_id=event.pk, doctor_id=doctor.pk, method="qr", by=None, at=came)
    meetings.end_event(event_id=event.pk, by=rep, at=starts + timedelta(hours=1))
    for kind in PROOFS:
        page = pdf([[f"{event.code} {kind}（示例）", event.title]])
        file = store([page], media_type="application/pdf", by=rep, at=starts, max_bytes=1 << 22)
        meetings.add_proof(
            event_id=event.pk,
            kind=kind,
            file=file,
            name=f"{kind}.pdf",
            by=rep,
            at=starts + timedelta(hours=2),
        )
    if closes:
        meetings.close_event(
            event_id=event.pk,
            summary=f"讨论了{event.topic}，医生希望得到分层数据。",
            safety_answered=True,
            by=rep,
            at=starts + timedelta(hours=3),
        )


def _day(moment: datetime) -> date:
    return localtime(moment).date()
