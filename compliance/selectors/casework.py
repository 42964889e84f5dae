"""Who reads which case, and what stands in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from compliance.choices import CaseState, MeasureState, StepState
from compliance.models import ApprovalStep, Case, CaseLetter, CaseMember, Measure
from compliance.permissions import can_see_case


def cases_visible_to(user: Any) -> QuerySet[Case]:
    """Return the cases a person may open: their team's, and for officers those that nobody has taken yet.

    Inspectors read all; nobody reads the case about themselves. Cost: one query.
    """
    cases = Case.objects.exclude(subject=f"user:{user.pk}").select_related("owner", "opened_by")
    if user.has_role("inspector"):
        return cases
    team = CaseMember.objects.filter(case=OuterRef("pk"), removed_at__isnull=True, person__is_active=True)
    mine = Exists(team.filter(person=user))
    return cases.filter(mine | ~Exists(team)) if user.has_role("compliance") else cases.filter(mine)


def has_cases(user: Any) -> bool:
    """Return whether a person is on the team of any case. Cost: one query by index."""
    return CaseMember.objects.filter(person=user, removed_at__isnull=True).exists()


def measures_of(user: Any) -> QuerySet[Measure]:
    """Return what a person was asked to put right, open ones first by day."""
    return Measure.objects.filter(owner=user).select_related("case").order_by("done_at", "due_on", "pk")


def open_measures_of(user: Any) -> int:
    """Return how many measures wait for a person. Cost: one query by index."""
    return Measure.objects.filter(owner=user, state=MeasureState.OPEN).count()


def letter_for(user: Any, pk: UUID) -> tuple[CaseLetter, bool] | None:
    """Return a letter and whether the person is of its case; its approvers may read it too. Cost: three queries."""
    letter = CaseLetter.objects.select_related("case", "drafted_by", "sent_by").filter(pk=pk).first()
    if letter is None:
        return None
    if can_see_case(user, letter.case):
        return letter, True
    asked = ApprovalStep.objects.filter(
        Q(state=StepState.OPEN) | Q(decided_at__isnull=False), approver=user, request__subject=f"letter:{pk}"
    )
    return (letter, False) if asked.exists() else None


def cases_behind_the_wall(user: Any) -> int:
    """Return how many open cases exist that a person may not open. Cost: two queries."""
    running = Case.objects.exclude(state=CaseState.CLOSED)
    return running.count() - cases_visible_to(user).exclude(state=CaseState.CLOSED).count()
