"""Who may answer an open step: the person asked, anybody of the roles asked, or a deputy of the person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Exists, Func, OuterRef, Q, QuerySet

from compliance.choices import ApprovalState, StepState
from compliance.flows import flows
from compliance.models import ApprovalRequest, ApprovalStep, Deputy

WAITS = (StepState.OPEN, StepState.WAITING)


def may_answer(user: Any, step: ApprovalStep, *, on: date) -> bool:
    """Return whether a person may answer a step on a day. Whoever asked never may. Cost: two queries at most."""
    if step.request.opened_by_id == user.pk or not may_know(user, step.request):
        return False
    if step.approver_id is None:
        return bool(user.has_role(*step.roles))
    return step.approver_id == user.pk or is_deputy(user, step, on=on)


def may_answer_about(flow: str, subject: str, user: Any, day: date) -> bool:
    """Return whether what is asked about a subject waits for a person, or nobody was asked yet. Cost: two queries."""
    asked = open_request(flow, subject)
    return asked is None or steps_for(user, day).filter(request=asked).exists()


def may_know(user: Any, request: ApprovalRequest) -> bool:
    """Return whether no wall keeps a request from a person. Cost: one query where its flow has a wall."""
    flow = flows().get(request.flow)
    if flow is None or flow.wall is None:
        return True
    return not ApprovalRequest.objects.filter(flow.wall(user), pk=request.pk).exists()


def outside_walls(steps: QuerySet[ApprovalStep], user: Any) -> QuerySet[ApprovalStep]:
    """Return those of some steps that no wall keeps from a person. Cost: no query of its own."""
    kept = Q()
    for flow in flows().values():
        if flow.wall:
            kept |= Q(flow=flow.name) & flow.wall(user)
    if not kept:
        return steps
    return steps.filter(~Exists(ApprovalRequest.objects.filter(kept, pk=OuterRef("request_id"))))


def is_deputy(user: Any, step: ApprovalStep, *, on: date) -> bool:
    """Return whether a person answers for the approver of a step on a day. Cost: one query."""
    return step.approver_id != user.pk and deputies_on(on).filter(
        deputy=user, person_id=step.approver_id
    ).exists()  # fmt: skip


def stands_in(user: Any, person: Any, on: date) -> bool:
    """Return whether somebody answers for a person on a day. Cost: one query."""
    return deputies_on(on).filter(deputy=user, person=person).exists()


def deputies_on(day: date | Func) -> QuerySet[Deputy]:
    """Return who stands in for whom on a day, or on the database's own."""
    return Deputy.objects.filter(ended_at__isnull=True, first_day__lte=day, last_day__gte=day)


def deputies_of(user: Any, day: date) -> QuerySet[Deputy]:
    """Return whom a person named, and for whom they stand in, today or later."""
    rows = Deputy.objects.filter(ended_at__isnull=True, last_day__gte=day)
    return (
        rows.filter(Q(person=user) | Q(deputy=user)).select_related("person", "deputy").order_by("first_day")
    )


def steps_for(user: Any, day: date | Func) -> QuerySet[ApprovalStep]:
    """Return the open steps that a person may answer on a day. Cost: one query."""
    away = deputies_on(day).filter(deputy=user).values("person_id")
    asked = (
        Q(approver=user)
        | Q(approver_id__in=away)
        | Q(approver__isnull=True, roles__overlap=sorted(user.roles) or [""])
    )
    mine = ApprovalStep.objects.filter(approver=user, state=StepState.AGREED).values("request_id")
    steps = (
        ApprovalStep.objects.filter(asked, state=StepState.OPEN, request__state=ApprovalState.OPEN)
        .exclude(request__opened_by=user)
        .exclude(approver__isnull=True, request_id__in=mine)
    )
    return outside_walls(steps, user)


def open_request(flow: str, subject: str) -> ApprovalRequest | None:
    """Return the request about a subject that waits for answers."""
    return ApprovalRequest.objects.filter(flow=flow, subject=subject, state=ApprovalState.OPEN).first()


def latest_requests(flow: str, subjects: Collection[str]) -> dict[str, ApprovalRequest]:
    """Return the newest request about each of many subjects, with its steps. Cost: a fixed number of queries."""
    rows = ApprovalRequest.objects.filter(flow=flow, subject__in=subjects).select_related("opened_by")
    rows = rows.prefetch_related("steps__approver", "steps__signature").order_by("opened_at", "pk")
    return {row.subject: row for row in rows}


def requests_about(flow: str, subject: str) -> QuerySet[ApprovalRequest]:
    """Return all requests about a subject, newest first, with their steps."""
    rows = ApprovalRequest.objects.filter(flow=flow, subject=subject).select_related("opened_by")
    return rows.prefetch_related("steps__approver", "steps__signature").order_by("-opened_at", "-pk")
