"""What stands in the findings' queue, and the plans that sample."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case as Choose
from django.db.models import Count, IntegerField, Q, QuerySet, Value, When

from compliance.choices import FindingState, ReviewResult
from compliance.models import Finding, MonitoringPlan
from compliance.populations import population_of
from compliance.rules.sampling import number_of
from compliance.selectors.casework import cases_visible_to
from compliance.selectors.cockpit import RISK


def findings_queue(
    user: Any, at: datetime, *, state: str = "", grade: str = "", kind: str = "", late: bool = False
) -> QuerySet[Finding]:
    """Return findings with their `risk` (0 is gravest), of investigations those of cases the person may open."""
    by_risk = Choose(
        *[When(grade=grade, then=Value(rank)) for grade, rank in RISK.items()],
        default=Value(9),
        output_field=IntegerField(),
    )
    rows = Finding.objects.annotate(risk=by_risk).select_related("case")
    rows = rows.filter(~Q(kind="investigation") | Q(case__in=cases_visible_to(user).values("pk")))
    for name, value in (("state", state), ("grade", grade), ("kind", kind)):
        rows = rows.filter(**{name: value}) if value else rows
    return rows.filter(state=FindingState.OPEN, due_at__lt=at) if late else rows


def finding_kinds() -> list[str]:
    """Return the kinds of findings there are. Cost: one query."""
    return list(Finding.objects.order_by("kind").values_list("kind", flat=True).distinct())


def open_signals() -> dict[str, int]:
    """Return how many open findings each kind has. Cost: one query."""
    rows = Finding.objects.filter(state__in=[FindingState.OPEN, FindingState.IN_CASE]).values_list("kind")
    return dict(rows.annotate(n=Count("pk")))


def plans() -> QuerySet[MonitoringPlan]:
    """Return monitoring plans with how far their review has come."""
    return MonitoringPlan.objects.select_related("planned_by").annotate(
        drawn=Count("items"), reviewed=Count("items", filter=~Q(items__result=ReviewResult.OPEN))
    )


def sample_differs(plan: MonitoringPlan) -> list[str]:
    """Return the subjects whose number is not what the published formula gives. Cost: one query, pure hashing."""
    return [
        item.subject
        for item in plan.items.order_by("place")
        if number_of(plan.seed, item.subject, item.tickets) != item.number
    ]


def point_words(population: str) -> dict[str, Any]:
    """Return the words of each reason a population gives points for."""
    return {reason: words for reason, (words, _points) in population_of(population).points.items()}
