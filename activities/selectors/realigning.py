"""Planned visits that a realignment of territories touches, and what becomes of each: one rule for preview and day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.timezone import make_aware

from activities.choices import PlanFate, VisitState
from activities.models import Visit
from doctors.selectors import canonical_ids
from doctors.selectors.realignments import (
    OpenPlans,
    lines_moved,
    moving_doctors,
    territories_after,
)
from pharmacrm.accounts.selectors import reps_working, territory_ids_of

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


@dataclass(frozen=True)
class FateOfPlan:
    """What becomes of one planned visit; `heir` is who works in the doctor's territory then, where it is one person."""

    visit: Visit
    becomes: str
    heir: User | None = None


def plans_touched(realignment: Any) -> list[OpenPlans]:
    """Return by person how many plans they lose, keep and get: foreseen, and what was carried out. Cost: as below, and one."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for fate in fates_of_plans(realignment, realignment.effective_on):
        rows[str(fate.visit.rep)][fate.becomes] += 1
        if fate.heir is not None:
            rows[str(fate.heir)]["received"] += 1
    settled = Visit.objects.filter(realignment_id=realignment.pk)
    for name, heir_of, state in settled.values_list("rep__display_name", "handed_over_to", "state"):
        if heir_of is not None:
            rows[name][PlanFate.HANDED_OVER] += 1
        else:
            rows[name][PlanFate.CANCELLED if state == VisitState.CANCELLED else "received"] += 1
    found = [OpenPlans(person, **counts) for person, counts in rows.items()]
    return sorted(found, key=lambda one: (-one.plans, -one.received, one.person))


def fates_of_plans(realignment: Any, on: date, *, after: datetime | None = None) -> list[FateOfPlan]:
    """Return what becomes of each visit planned from a day on with a doctor who changes hands.

    A person who still sees the doctor keeps the plan. Else it goes to the one representative of the territory the
    doctor comes to; where there is none or more than one, it is cancelled. `after` leaves out what should have begun.
    Cost: seven queries, and one for each person with such a plan.
    """
    visits = _planned_with(moving_doctors(realignment.pk), after or make_aware(datetime.combine(on, time())))
    if not visits:
        return []
    kept = canonical_ids({visit.doctor_id for visit in visits})
    places, lines = territories_after(realignment, on), lines_moved(realignment.pk)
    reach = {visit.rep_id: set(territory_ids_of(visit.rep, on)) for visit in visits}
    heirs: dict[UUID, set[User]] = defaultdict(set)
    for member in reps_working({key for by_line in places.values() for key in by_line.values()}, on):
        heirs[member.territory_id].add(member.user)
    fates = []
    for visit in visits:
        doctor = kept[visit.doctor_id]
        if doctor not in lines or visit.realignment_id == realignment.pk:  # its own plans are settled
            continue
        now = places.get(doctor, {})
        found = {heir for line in lines[doctor] if line in now for heir in heirs[now[line]]}
        if reach[visit.rep_id] & set(now.values()):
            fates.append(FateOfPlan(visit, PlanFate.KEPT))
        elif len(found) == 1:
            fates.append(FateOfPlan(visit, PlanFate.HANDED_OVER, found.pop()))
        else:
            fates.append(FateOfPlan(visit, PlanFate.CANCELLED))
    return fates


def _planned_with(moving: QuerySet[Any], start: datetime) -> list[Visit]:
    planned = (
        Visit.objects.filter(state=VisitState.PLANNED, planned_at__gte=start)
        .select_related("rep")
        .order_by("pk")
    )
    merged: Iterable[Visit] = planned.filter(doctor__merged_into__isnull=False)
    return [*planned.filter(doctor_id__in=moving.values("doctor_id")), *merged]
