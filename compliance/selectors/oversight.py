"""Findings and holds as they leave by REST."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from compliance.models import Finding, Hold
from compliance.selectors.casework import cases_visible_to


def findings_visible_to(user: Any) -> QuerySet[Finding]:
    """Return findings but those about the reader, or in a case that the reader may not open. Cost: one query."""
    open_to = cases_visible_to(user).order_by().values("pk")
    return Finding.objects.exclude(subject=f"user:{user.pk}").filter(Q(case=None) | Q(case_id__in=open_to))


def holds_like(*, state: str = "", subject: str = "") -> QuerySet[Hold]:
    """Return holds in force, lifted, or all, and those that name a subject. Cost: two queries when it is read."""
    rows = Hold.objects.prefetch_related("subjects")
    if state:
        rows = rows.filter(lifted_at__isnull=state == "in_force")
    return (
        rows.filter(pk__in=Hold.objects.filter(subjects__subject=subject).values("pk")) if subject else rows
    )
