"""The day of one representative: who is met, why, with what, and what the law already says against it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from activities import rules
from activities.choices import NeedState, VisitState
from activities.facts import VisitFacts
from activities.models import ClinicalNeed, Inquiry, Visit
from activities.models.visits import REPORTED
from activities.selectors import field_kit, hospital_doors, visit_facts
from compliance import actions as law
from compliance.evaluate import Verdict
from content import selectors as content
from doctors import selectors as doctors
from pharmacrm.common.errors import Refused

if TYPE_CHECKING:
    from doctors.selectors import DoctorCard
    from pharmacrm.accounts.models import User


@dataclass(frozen=True)
class OpenQuestion:
    """Something a doctor asked or needs that waits for an answer."""

    doctor_id: UUID
    text: str
    asked_at: datetime
    kind: str  # need, inquiry


@dataclass(frozen=True)
class DayVisit:
    """One line of the day."""

    visit: Visit
    doctor: DoctorCard
    at: datetime
    is_done: bool
    is_next: bool = False
    why: OpenQuestion | None = None
    bring: content.RankedMaterial | None = None
    verdict: Verdict | None = None
    next_reception: tuple[date, rules.Slot] | None = None


@dataclass(frozen=True)
class Day:
    """A representative's day, in order of time."""

    on: date
    visits: list[DayVisit] = field(default_factory=list)

    @property
    def done(self) -> int:
        return sum(line.is_done for line in self.visits)

    @property
    def upcoming(self) -> DayVisit | None:
        return next((line for line in self.visits if line.is_next), None)


def day_of(user: User, *, at: datetime) -> Day:
    """Return the person's day around a moment.

    Cost: constant for the lines; the law is asked once more for each line whose hospital does not receive.
    """
    local = timezone.localtime(at)
    visits = list(visits_on(user, local.date()))
    cards = doctors.doctor_cards({visit.doctor_id for visit in visits})
    visits = [visit for visit in visits if visit.doctor_id in cards]
    asked = open_questions(cards)
    doors = _closed_doors(user, visits)
    waiting = [visit for visit in visits if not _is_done(visit)]
    following = next((visit for visit in waiting if visit.pk not in doors), None)
    lines = []
    for visit in visits:
        card = cards[visit.doctor_id]
        why = next(iter(asked.get(visit.doctor_id, ())), None)
        is_next = following is not None and visit.pk == following.pk
        verdict = _said_before(visit, at) if visit.pk in doors and not _is_done(visit) else None
        lines.append(
            DayVisit(
                visit=visit,
                doctor=card,
                at=_moment(visit),
                is_done=_is_done(visit),
                is_next=is_next,
                why=why,
                bring=best_material(card, asked.get(visit.doctor_id, ()), by=user, at=at)
                if is_next
                else None,
                verdict=verdict,
                next_reception=(
                    hospital_doors.next_reception(visit.hospital_id, after=at) if verdict else None
                ),
            )
        )
    return Day(local.date(), lines)


def start_facts(day: Day, *, at: datetime) -> list[tuple[Visit, VisitFacts]]:
    """Return the facts of starting each visit of a day that is not done, for the phone's own judgement.

    Cost: a dozen queries for each such visit.
    """
    return [
        (
            line.visit,
            visit_facts.facts_before(
                visit_facts.circumstances_of(line.visit, starts_at=line.at, asked_at=at)
            ),
        )
        for line in day.visits
        if not line.is_done
    ]


def open_questions(doctor_ids: Iterable[UUID]) -> dict[UUID, list[OpenQuestion]]:
    """Return what waits for an answer, newest first, by doctor. Cost: two queries."""
    keys = list(doctor_ids)
    found: dict[UUID, list[OpenQuestion]] = {}
    needs = ClinicalNeed.objects.filter(doctor_id__in=keys, state=NeedState.OPEN)
    for doctor_id, text, at in needs.values_list("doctor_id", "question", "captured_at"):
        found.setdefault(doctor_id, []).append(OpenQuestion(doctor_id, text, at, "need"))
    inquiries = Inquiry.objects.filter(doctor_id__in=keys, answered_at__isnull=True)
    for doctor_id, text, at in inquiries.values_list("doctor_id", "question", "captured_at"):
        found.setdefault(doctor_id, []).append(OpenQuestion(doctor_id, text, at, "inquiry"))
    for questions in found.values():
        questions.sort(key=lambda question: question.asked_at, reverse=True)
    return found


def best_material(
    card: DoctorCard, questions: Iterable[OpenQuestion], *, by: User, at: datetime
) -> content.RankedMaterial | None:
    """Return the released material that answers a doctor best of those a person may show, or None."""
    return next(iter(ranked_materials(card, questions, by=by, at=at, limit=1)), None)


def ranked_materials(
    card: DoctorCard, questions: Iterable[OpenQuestion], *, by: User, at: datetime, limit: int = 5
) -> list[content.RankedMaterial]:
    """Return the released materials for a doctor of whose products a person may speak, best first, with the reasons.

    What kinds the playbook names for the doctor's tier, role, hospital and department stands before other kinds.
    """
    audience = visit_facts.audience_of_card(card)
    strategy = doctors.playbook_for(card.id)
    needs = [question.text for question in questions]
    spoken_of = field_kit.products_spoken_of(by, at=at)
    return content.rank_materials(
        audience,
        needs,
        spoken_of=spoken_of,
        at=at,
        limit=limit,
        strategy_kinds=strategy.content_kinds if strategy else (),
    )


def contacts_this_month(doctor_id: UUID, *, at: datetime) -> int:
    """Return how often a doctor was visited in this calendar month. Cost: one query."""
    first = timezone.localtime(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Visit.objects.filter(
        doctor_id__in=doctors.records_of(doctor_id), state__in=REPORTED, ended_at__gte=first, ended_at__lte=at
    ).count()


def planned_visit_with(user: User, doctor_id: UUID, *, at: datetime) -> Visit | None:
    """Return the person's open visit with a doctor today, or None."""
    return (
        visits_on(user, timezone.localtime(at).date())
        .filter(
            doctor_id__in=doctors.records_of(doctor_id),
            state__in=[VisitState.PLANNED, VisitState.STARTED, VisitState.SAVED],
        )
        .first()
    )


def last_talk(user: User, doctor_id: UUID) -> Visit | None:
    """Return the person's last submitted visit to a doctor, with its products, for prefilling. Cost: two queries."""
    return (
        Visit.objects.filter(rep=user, doctor_id__in=doctors.records_of(doctor_id), state__in=REPORTED)
        .prefetch_related("products", "materials")
        .order_by("-ended_at")
        .first()
    )


def visits_on(user: User, day: date) -> QuerySet[Visit]:
    """Return a person's visits of a day that were not cancelled, in order, with the hospital joined in."""
    zone = timezone.get_default_timezone()
    start = datetime.combine(day, time.min, zone)
    end = start + timedelta(days=1)
    within = Q(planned_at__gte=start, planned_at__lt=end) | Q(
        planned_at__isnull=True, started_at__gte=start, started_at__lt=end
    )
    return (
        Visit.objects.filter(within, rep=user)
        .exclude(state=VisitState.CANCELLED)
        .select_related("hospital")
        .order_by("planned_at", "started_at", "pk")
    )


def _moment(visit: Visit) -> datetime:
    return visit.planned_at or visit.started_at or visit.created_at


def _is_done(visit: Visit) -> bool:
    return visit.state in REPORTED


def _closed_doors(user: User, visits: list[Visit]) -> set[UUID]:
    """Which face-to-face visits of the day meet a door that is shut. Cost: four queries, however many visits."""
    keys = {visit.hospital_id for visit in visits}
    if not keys:
        return set()
    day = timezone.localtime(_moment(visits[0])).date()
    policies = {
        policy.hospital_id: policy for policy in hospital_doors.policies_on(day).filter(hospital_id__in=keys)
    }
    consents = set(
        hospital_doors.consents_on(day).filter(hospital_id__in=keys).values_list("hospital_id", flat=True)
    )
    booked = hospital_doors.booked_hospitals(user, day)
    shut = set()
    for visit in visits:
        if visit.channel != "face_to_face" or _is_done(visit):
            continue
        policy = policies.get(visit.hospital_id)
        slots = hospital_doors.slots_of(policy)
        is_open = (
            visit.hospital_id in consents
            and rules.is_within_slots(slots, timezone.localtime(_moment(visit)))
            and (policy is None or not policy.booking_required or visit.hospital_id in booked)
        )
        if not is_open:
            shut.add(visit.pk)
    return shut


def _said_before(visit: Visit, at: datetime) -> Verdict | None:
    """Ask the law what it would say of starting the visit at its time. Nothing is recorded: nobody acts yet."""
    facts = visit_facts.facts_before(
        visit_facts.circumstances_of(visit, starts_at=_moment(visit), asked_at=at)
    )
    try:
        law.judge("visit.start", facts, subject=f"visit:{visit.pk}", by=visit.rep, at=at)
    except Refused as refusal:
        return refusal.verdict
    return None
