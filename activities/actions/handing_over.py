"""On the day of a realignment: give planned visits to who visits the doctor now, or end them, and tell both."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localtime
from simple_history.utils import bulk_create_with_history

from activities.choices import PlanFate, VisitState
from activities.models import PlannedMaterial, Visit, VisitAttendee, VisitProduct
from activities.selectors import visit_facts
from activities.selectors.realigning import FateOfPlan, fates_of_plans
from compliance import actions as law
from doctors import selectors as doctors
from doctors.selectors.realignments import realignments_begun
from pharmacrm.common.errors import Refused
from pharmacrm.common.notifications import notify

from .reports import new_key

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

LOOK_BACK = timedelta(days=14)


def hand_over_plans(*, at: datetime) -> int:
    """Settle the planned visits of every realignment whose day has come. Safe to run twice. Returns: plans settled."""
    today = localtime(at).date()
    begun = list(realignments_begun(today - LOOK_BACK, today))
    return sum(hand_over_plans_of(realignment=one, at=at) for one in begun)


@transaction.atomic
def hand_over_plans_of(*, realignment: Any, at: datetime) -> int:
    """Settle the visits still to come that a realignment took from their authors, all or none.

    The old plan ends; a plan of the new representative stands in its place where the law lets them plan it, judged as
    theirs. What the law refuses is not handed over: the refusal is recorded and the plan ends. Returns: plans settled.
    Cost: locks each such visit in order of key; a dozen queries each.
    """
    lost = [
        fate
        for fate in fates_of_plans(realignment, localtime(at).date(), after=at)
        if fate.becomes != PlanFate.KEPT
    ]
    waiting = Visit.objects.select_for_update(of=("self",)).filter(
        pk__in=[fate.visit.pk for fate in lost], state=VisitState.PLANNED
    )
    standing = {visit.pk: visit for visit in waiting.order_by("pk")}
    lost_by: dict[User, Counter[str]] = {}
    received: Counter[User] = Counter()
    for fate in sorted(lost, key=lambda one: one.visit.pk):
        if fate.visit.pk not in standing:
            continue
        heir = _settle(replace(fate, visit=standing[fate.visit.pk]), realignment, at)
        lost_by.setdefault(fate.visit.rep, Counter())["handed_over" if heir else "cancelled"] += 1
        if heir is not None:
            received[heir] += 1
    _tell(realignment, lost_by, received, at)
    return sum(sum(counts.values()) for counts in lost_by.values())


def _settle(fate: FateOfPlan, realignment: Any, at: datetime) -> User | None:
    """End the old plan and make the new one. Returns: who has it now, None where it only ended."""
    old, heir = fate.visit, fate.heir
    new = _planned_anew(old, heir, realignment, at) if heir is not None else None
    old.state = VisitState.CANCELLED
    old.realignment_id = realignment.pk
    old.handed_over_to = new.pk if new else None
    old.save(update_fields=["state", "realignment", "handed_over_to", "updated_at"])
    law.record(
        "activities.visit_handed_over" if new else "activities.visit_cancelled",
        subject=f"visit:{old.pk}",
        by=None,
        at=at,
        reason=realignment.name,
        rows=[old],
    )
    return heir if new else None


def _planned_anew(old: Visit, heir: User, realignment: Any, at: datetime) -> Visit | None:
    key = new_key()
    on = localtime(at).date()
    others = [
        pk
        for pk in old.attendees.order_by("pk").values_list("doctor_id", flat=True)
        if doctors.can_see(heir, pk, on)
    ]
    about = replace(
        visit_facts.circumstances_of(old, starts_at=old.planned_at, asked_at=at),
        rep=heir,
        doctor_ids=(old.doctor_id, *others),
        visit_id=key,
        booking_id=None,
    )
    try:
        verdict = law.judge(
            "visit.plan", visit_facts.facts_before(about), subject=f"visit:{key}", by=heir, at=at
        )
    except Refused as refusal:
        law.record_refusal(refusal.verdict, subject=f"visit:{old.pk}", by=None, at=at)
        return None
    new = Visit(
        pk=key,
        rep=heir,
        doctor_id=old.doctor_id,
        hospital_id=old.hospital_id,
        department_id=old.department_id,
        channel=old.channel,
        purpose=old.purpose,
        place=old.place,
        state=VisitState.PLANNED,
        planned_at=old.planned_at,
        booking_id=visit_facts.booking_id_of(about),
        verdict_id=UUID(verdict.id),
        realignment_id=realignment.pk,
    )
    new.save(force_insert=True)
    rows = [new, *_parts(old, new, others)]
    law.record(
        "activities.visit_planned",
        subject=f"visit:{key}",
        by=None,
        at=at,
        reason=realignment.name,
        verdict=verdict,
        rows=rows,
    )
    return new


def _parts(old: Visit, new: Visit, others: list[UUID]) -> list[Any]:
    products = old.products.order_by("pk").values_list("product_id", flat=True)
    materials = old.planned_materials.order_by("pk").values_list("version_id", flat=True)
    parts: list[Any] = []
    for model, fresh in (
        (VisitAttendee, [VisitAttendee(visit=new, doctor_id=pk) for pk in others]),
        (VisitProduct, [VisitProduct(visit=new, product_id=pk) for pk in dict.fromkeys(products)]),
        (PlannedMaterial, [PlannedMaterial(visit=new, version_id=pk) for pk in materials]),
    ):
        if fresh:
            bulk_create_with_history(fresh, model)
            parts += fresh
    return parts


def _tell(realignment: Any, lost_by: dict[User, Counter[str]], received: Counter[User], at: datetime) -> None:
    for person, lost in lost_by.items():
        handed, ended = lost["handed_over"], lost["cancelled"]
        notify(
            recipient=person,
            kind="plans_lost",
            zh=f"区域调整“{realignment.name}”今日生效：您的 {handed} 个计划拜访已移交给接手的同事，{ended} 个已取消。",
            en=f"“{realignment.name}” holds from today: of your planned visits {handed} went to who visits these doctors now, {ended} were cancelled.",
            at=at,
            url="/activities/visits/?state=cancelled",
            subject=f"realignment:{realignment.pk}",
        )
    for person, count in received.items():
        notify(
            recipient=person,
            kind="plans_received",
            zh=f"区域调整“{realignment.name}”今日生效：您接手了 {count} 个计划拜访，请核对时间与预约。",
            en=f"“{realignment.name}” holds from today: {count} planned visits are yours now. Check times and bookings.",
            at=at,
            url="/activities/visits/?state=planned",
            subject=f"realignment:{realignment.pk}",
        )
