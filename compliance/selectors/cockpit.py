"""What the compliance officer sees first: figures, and one queue by risk and due time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case as Choose
from django.db.models import Count, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Now, TruncDate

from compliance.choices import ApprovalState, CaseRisk, CaseState, FindingState, Grade, StepState
from compliance.flows import flows
from compliance.models import ApprovalCopy, ApprovalStep, Case, Finding, Hold, LedgerEntry
from compliance.selectors.approvals import outside_walls, steps_for
from compliance.selectors.casework import cases_visible_to
from compliance.selectors.log import LedgerHealth, last_verification, ledger_health

RISK = {
    Grade.BAN: 0,
    Grade.AVOID: 1,
    Grade.SHALL: 2,
    Grade.WATCH: 3,
    Grade.ADVISE: 4,
    Grade.ADVOCATE: 5,
    Grade.MAY: 6,
}
RISK_GRADE: dict[str, Grade] = {
    CaseRisk.HIGH: Grade.BAN,
    CaseRisk.MEDIUM: Grade.AVOID,
    CaseRisk.LOW: Grade.WATCH,
}
SHOWN = 30


@dataclass(frozen=True)
class QueueItem:
    """One thing that waits for a person."""

    kind: str
    pk: UUID
    grade: str
    title: str
    subject: str
    rule: str
    evidence: dict[str, Any]
    due_at: datetime | None
    owner: str = ""


@dataclass(frozen=True)
class Figures:
    """The cockpit's five figures, each with its base."""

    overdue: int
    overdue_yesterday: int
    due_today: int
    due_today_banned: int
    holds: int
    held_subjects: int
    refused: int
    judged: int
    waiting: int


def queue(at: datetime, *, most: int = SHOWN, owner: Any = None, reader: Any = None) -> list[QueueItem]:
    """Return open findings and cases by risk, then by due time; of cases those the reader may open. Cost: two queries."""
    by_risk = Choose(
        *[When(grade=grade, then=Value(rank)) for grade, rank in RISK.items()],
        default=Value(9),
        output_field=IntegerField(),
    )
    items = []
    if owner is None:
        findings = Finding.objects.filter(state=FindingState.OPEN).annotate(risk=by_risk)
        items = [
            QueueItem("finding", row.pk, row.grade, row.kind, row.subject, row.rule, row.evidence, row.due_at)
            for row in findings.order_by("risk", "due_at", "pk")[:most]
        ]
    cases = open_cases().prefetch_related("findings")
    if reader is not None:
        cases = cases.filter(pk__in=cases_visible_to(reader).values("pk"))
    if owner is not None:
        cases = cases.filter(owner=owner)
    items += [_case_item(row) for row in cases.order_by("due_at", "pk")[:most]]
    far = at + timedelta(days=36500)
    return sorted(items, key=lambda item: (RISK.get(Grade(item.grade), 9), item.due_at or far))[:most]


def _case_item(case: Case) -> QueueItem:
    findings = sorted(case.findings.all(), key=lambda row: RISK.get(Grade(row.grade), 9))
    worst = findings[0] if findings else None
    return QueueItem(
        "case",
        case.pk,
        worst.grade if worst else RISK_GRADE.get(case.risk, Grade.SHALL),
        str(case),
        case.subject,
        worst.rule if worst else "",
        worst.evidence if worst else {},
        case.due_at,
        str(case.owner) if case.owner else "",
    )


def open_cases() -> QuerySet[Case]:
    """Return the cases that are not closed."""
    return Case.objects.exclude(state=CaseState.CLOSED).select_related("owner")


def cases_matching(
    user: Any, *, state: str = "", source: str = "", risk: str = "", q: str = ""
) -> QuerySet[Case]:
    """Return the cases a person may open by state, source, risk, and number or words of the title."""
    rows = cases_visible_to(user)
    for name, value in (("state", state), ("source", source), ("risk", risk)):
        rows = rows.filter(**{name: value}) if value else rows
    return rows.filter(Q(title__icontains=q) | Q(number__iexact=q)) if q else rows


def figures(at: datetime, day_starts: datetime) -> Figures:
    """Return the cockpit's figures. `day_starts` is the local midnight before `at`. Cost: five queries by index."""
    ends = day_starts + timedelta(days=1)
    open_findings = Finding.objects.filter(state=FindingState.OPEN).aggregate(
        late=Count("pk", filter=Q(due_at__lt=at)),
        late_yesterday=Count("pk", filter=Q(due_at__lt=at - timedelta(days=1))),
        today=Count("pk", filter=Q(due_at__gte=at, due_at__lt=ends)),
        today_banned=Count("pk", filter=Q(due_at__gte=at, due_at__lt=ends, grade=Grade.BAN)),
        all=Count("pk"),
    )
    cases = open_cases().aggregate(
        late=Count("pk", filter=Q(due_at__lt=at)),
        late_yesterday=Count("pk", filter=Q(due_at__lt=at - timedelta(days=1))),
        today=Count("pk", filter=Q(due_at__gte=at, due_at__lt=ends)),
        all=Count("pk"),
    )
    holds = Hold.objects.filter(lifted_at__isnull=True).aggregate(
        holds=Count("pk", distinct=True), subjects=Count("subjects__subject", distinct=True)
    )
    week = LedgerEntry.objects.filter(at__gte=at - timedelta(days=7), verdict__isnull=False)
    judged = week.aggregate(all=Count("pk"), refused=Count("pk", filter=Q(verdict__allows=False)))
    return Figures(
        overdue=open_findings["late"] + cases["late"],
        overdue_yesterday=open_findings["late_yesterday"] + cases["late_yesterday"],
        due_today=open_findings["today"] + cases["today"],
        due_today_banned=open_findings["today_banned"],
        holds=holds["holds"],
        held_subjects=holds["subjects"],
        refused=judged["refused"],
        judged=judged["all"],
        waiting=open_findings["all"] + cases["all"],
    )


def waiting_for(user: Any) -> int:
    """Return how many decisions wait for a person today. Cost: one query by index."""
    return steps_for(user, TruncDate(Now())).count()


def inbox_of(user: Any, on: date) -> QuerySet[ApprovalStep]:
    """Return the open approval steps that a person may answer on a day, for themselves or another, the most urgent first."""
    return (
        steps_for(user, on).select_related("request__opened_by", "approver").order_by("request__due_at", "pk")
    )


def steps_seen_by(user: Any, on: date) -> QuerySet[ApprovalStep]:
    """Return the steps of requests that a person asked for, may answer or might have answered, or got a copy of."""
    copied = ApprovalCopy.objects.filter(recipient=user).values("request_id")
    steps = ApprovalStep.objects.filter(
        Q(approver=user)
        | Q(roles__overlap=sorted(user.roles) or [""])
        | Q(request__opened_by=user)
        | Q(request_id__in=copied)
        | Q(pk__in=steps_for(user, on).values("pk"))
    )
    return outside_walls(steps, user).select_related("request__opened_by", "approver")


def asked_by(user: Any) -> QuerySet[ApprovalStep]:
    """Return one open step of each request that a person asked for; not of those their acts ask by themselves."""
    quiet = [flow.name for flow in flows().values() if flow.is_quiet]
    steps = ApprovalStep.objects.filter(
        request__opened_by=user, state=StepState.OPEN, request__state=ApprovalState.OPEN
    ).exclude(request__flow__in=quiet)
    return (
        outside_walls(steps, user)
        .select_related("request", "approver")
        .order_by("request__due_at", "request_id", "pk")
    )


def ledger_box(at: datetime) -> tuple[LedgerHealth, Any]:
    """Return the log's health and the last whole check."""
    return ledger_health(at), last_verification()
