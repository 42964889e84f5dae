"""The training board: who has to take what until when, for compliance and for line managers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from compliance import permissions
from compliance.choices import DutyState
from compliance.models import Certificate, TrainingDuty


@dataclass(frozen=True)
class BoardFigures:
    """How many open duties there are, how many are overdue, how many end within a week, whose."""

    open: int
    overdue: int
    soon: int
    people: int


def duties_visible_to(user: Any) -> QuerySet[TrainingDuty]:
    """Return the duties a person watches: all for compliance and inspectors, their own reports' for line managers."""
    duties = TrainingDuty.objects.filter(user__is_active=True).select_related(
        "user", "user__line_manager", "course", "certificate"
    )
    if permissions.can_see_everybodys_training(user):
        return duties
    return duties.filter(user__line_manager=user)


def duties_like(
    user: Any, *, on: date, q: str = "", course: str = "", state: str = "", role: str = "", cause: str = ""
) -> QuerySet[TrainingDuty]:
    """Return watched duties by person, course, role, cause and state; overdue is open after its last day."""
    found = duties_visible_to(user)
    if q:
        found = found.filter(user__display_name__icontains=q)
    if course:
        found = found.filter(course__code=course)
    if role:
        found = found.filter(user__groups__name=role)
    if cause:
        found = found.filter(cause=cause)
    if state == "overdue":
        found = found.filter(state=DutyState.OPEN, due_on__lt=on)
    elif state:
        found = found.filter(state=state)
    is_closed = Case(When(state=DutyState.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    return found.annotate(is_closed=is_closed)


def figures_of_board(duties: QuerySet[TrainingDuty], on: date, week: date) -> BoardFigures:
    """Return the figures above the list. Cost: one query."""
    still = Q(state=DutyState.OPEN)
    counted = duties.aggregate(
        open=Count("pk", filter=still),
        overdue=Count("pk", filter=still & Q(due_on__lt=on)),
        soon=Count("pk", filter=still & Q(due_on__gte=on, due_on__lte=week)),
        people=Count("user", filter=still, distinct=True),
    )
    return BoardFigures(**counted)


def certificates_with_all() -> QuerySet[Certificate]:
    """Return certificates with what their page shows."""
    return Certificate.objects.select_related(
        "user", "course", "version", "attempt", "recorded_by", "revoked_by", "version__published_by"
    ).annotate(course_code=F("course__code"))
