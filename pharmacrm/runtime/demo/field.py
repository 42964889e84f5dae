"""Twelve months of field work: hospital doors, goals, visits, needs, safety reports, today's plan."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils.timezone import localtime

from activities import actions as field
from activities.selectors import hospital_doors as doors
from content import selectors as library
from doctors import selectors as doctors
from pharmacrm.accounts.models import Territory, User
from pharmacrm.common.errors import Refused
from pharmacrm.common.files import store

from .content import pdf
from .people import Company

VISITS_OF_A_REP = 30
NEEDS = (
    "eGFR 30–45 患者的起始剂量如何选择",
    "老年患者联合用药时如何监测血压",
    "支架术后患者需要做小手术时何时停药",
    "真菌感染反复出现时如何处理",
    "清晨血压控制不佳时如何调整给药时间",
)
GOALS = (
    field.Goal("core", "face_to_face", 90, 3),
    field.Goal("potential", "face_to_face", 70, 2),
    field.Goal("basic", "face_to_face", 30, 1),
)


def seed_doors(company: Company, *, at: datetime, today: date) -> None:
    """Register the consent of every hospital but one, and the reception rules of one in six."""
    steward = company.office["steward"]
    evidence = store(
        [pdf([["学术推广备案登记表（示例）", "院方同意药学部登记后开展学术交流。"]])],
        media_type="application/pdf",
        by=steward,
        at=at,
        max_bytes=1 << 22,
    )
    hospitals = doctors.hospital_choices(steward, today)
    for place, (pk, _name) in enumerate(hospitals):
        if place == len(hospitals) - 1:
            continue  # one hospital has not consented: the plan to visit it is refused, with the clause
        words = field.ConsentWords(
            hospital_id=pk,
            department_in_charge="药学部",
            registration_number=f"备字{today.year}-{place + 1:04d}",
            valid_from=today - timedelta(days=400),
            valid_until=today + timedelta(days=300),
        )
        field.register_institution_consent(words=words, evidence=evidence, by=steward, at=at)
        if place % 6 == 0:
            policy = field.PolicyWords(
                booking_required=place % 12 == 0,
                booking_channel="医院公众号预约",
                lead_days=3,
                place="药学部接待室",
                receivers="药学部主任、科室秘书",
                source="医院接待医药代表规定（示例）",
                slots=(
                    field.SlotWords(weekday=3, starts=time(14), ends=time(17)),
                    field.SlotWords(weekday=4, starts=time(14), ends=time(17)),
                ),
            )
            field.set_hospital_policy(
                hospital_id=pk, words=policy, valid_from=today - timedelta(days=60), by=steward, at=at
            )


def seed_cycle(company: Company, *, at: datetime, today: date) -> None:
    """Open the running quarter with academic goals by tier."""
    first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    following = (first + timedelta(days=95)).replace(day=1)
    field.open_cycle(
        code=f"{first:%Y}Q{(first.month + 2) // 3}",
        name=f"{first:%Y} 年第 {(first.month + 2) // 3} 季度",
        starts_on=first,
        ends_on=following,
        goals=GOALS,
        by=company.office["marketing"],
        at=at,
    )


def seed_visits(company: Company, *, at: datetime, dice: random.Random, each: int = VISITS_OF_A_REP) -> int:
    """Log a year of visits, most in good order; a few late, one without filing. Returns: how many."""
    shown = {card.products[0]: card for card in reversed(library.released_cards(at))}
    products = {product.code: product for product in library.products()}
    written = 0
    open_to_visits = _doctors_of_open_hospitals(company, localtime(at).date())
    rounds = []
    taken: set[tuple[UUID, datetime]] = set()
    for rep, territory, _district in company.reps:
        own = [pk for pk in _doctors_of(rep, territory, localtime(at).date()) if pk in open_to_visits]
        is_filed = rep != company.reps[-1][0]
        for _ in range(each if is_filed else 1):
            moment = _working_moment(at, dice, days=360 if is_filed else 3)
            while (rep.pk, moment) in taken:  # nobody is in two hospitals within one hour
                moment = _working_moment(at, dice, days=360 if is_filed else 3)
            taken.add((rep.pk, moment))
            moment += timedelta(minutes=dice.randrange(60))
            doctor = dice.choices(own, weights=[3 if pk in own[:15] else 1 for pk in own])[0]
            rounds.append((moment, rep, doctor))
    for moment, rep, doctor in sorted(rounds, key=lambda one: one[0]):  # as the year went
        code = dice.choice(("SZA", "AKP"))
        card = shown.get(code)
        started = moment - timedelta(minutes=dice.randrange(9, 28))
        material = (
            (
                field.Shown(
                    card.version_id,
                    started + timedelta(minutes=2),
                    (field.PageView(1, 21_000), field.PageView(2, 48_000)),
                ),
            )
            if card and card.released_at and card.released_at < started
            else ()
        )
        report = field.VisitReport(
            visit_id=field.new_key(),
            doctor_id=doctor,
            started_at=started,
            ended_at=moment,
            device_saved_at=moment + timedelta(minutes=dice.randrange(1, 40)),
            ae_answer="none",
            talks=(
                field.Talk(products[code].pk, reaction=dice.choice(("interested", "neutral", "asked_more"))),
            ),
            shown=material,
            needs=(dice.choice(NEEDS),) if dice.random() < 0.12 else (),
            was_offline=dice.random() < 0.3,
        )
        field.submit_visit(report=report, by=rep, at=moment + timedelta(minutes=45))
        written += 1
    return written


def seed_today(company: Company, *, at: datetime, dice: random.Random) -> None:
    """Plan the coming days of the first representatives, and leave one safety report with its clock running."""
    for rep, territory, _district in company.reps[:12]:
        own = _doctors_of(rep, territory, localtime(at).date())
        for days in range(4):
            start = localtime(at).replace(hour=9, minute=30, second=0, microsecond=0) + timedelta(days=days)
            for place, doctor in enumerate(dice.sample(own, 4)):
                moment = start + timedelta(minutes=100 * place)
                if moment > at:
                    _try_plan(rep, doctor, moment, at)
    rep = company.reps[0][0]
    own = _doctors_of(rep, company.reps[0][1], localtime(at).date())
    field.report_safety_event(
        notice=field.SafetyNotice(
            words=field.SafetyWords(
                event="服药第 5 天出现皮疹", product="舒泽安 5 mg", patient="", reporter="主治医师"
            ),
            aware_at=at - timedelta(hours=18, minutes=48),
            doctor_id=own[0],
        ),
        by=rep,
        at=at - timedelta(hours=18, minutes=40),
    )
    field.ask_medical(
        question=field.Question(doctor_id=own[1], text="合并轻度肝功能不全时，是否需要调整起始剂量？"), by=rep, at=at - timedelta(days=1)
    )  # fmt: skip


def _try_plan(rep: User, doctor: UUID, moment: datetime, at: datetime) -> None:
    try:
        field.plan_visit(plan=field.VisitPlan(doctor_id=doctor, planned_at=moment), by=rep, at=at)
    except Refused:
        return  # the hospital receives on other days, or the doctor was visited often: a rep would pick another


def _doctors_of(rep: User, territory: Territory, on: date) -> list[UUID]:
    return list(
        doctors.doctors_in_territories([territory.pk], on).order_by("code").values_list("pk", flat=True)
    )


def _doctors_of_open_hospitals(company: Company, on: date) -> set[UUID]:
    """Return the doctors of hospitals that have consented and receive at any time."""
    consenting = doors.consents_on(on).values("hospital_id")
    by_slot = doors.policies_on(on).values("hospital_id")
    seen = doctors.doctors_visible_to(company.office["steward"], on).filter(hospital_id__in=consenting)
    seen = seen.exclude(hospital_id__in=by_slot)
    return set(seen.values_list("pk", flat=True))


def _working_moment(at: datetime, dice: random.Random, *, days: int) -> datetime:
    """Return an hour of the working days just past; hours lie two apart, so one visit ends before the next begins."""
    while True:
        moment = localtime(at - timedelta(days=dice.randrange(1, days + 3)))
        if moment.isoweekday() <= 5:
            return moment.replace(hour=dice.choice((9, 11, 14, 16)), minute=0, second=0, microsecond=0)
