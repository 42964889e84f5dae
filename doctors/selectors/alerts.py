"""Whose academic engagement rises or cools."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from doctors.models import EngagementAlert


def alerts_of(visible: QuerySet[Any], *, kind: str = "") -> QuerySet[EngagementAlert]:
    """Return open alerts of visible doctors, with what a list shows."""
    rows = EngagementAlert.objects.filter(ended_on__isnull=True, doctor__in=visible)
    if kind:
        rows = rows.filter(kind=kind)
    return rows.select_related("doctor__identity", "doctor__hospital")


def alert_of(doctor_id: UUID | str) -> EngagementAlert | None:
    """Return a doctor's open alert, if there is one. Cost: one query."""
    return EngagementAlert.objects.filter(doctor_id=doctor_id, ended_on__isnull=True).first()
