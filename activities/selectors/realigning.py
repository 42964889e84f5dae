"""Planned work that a realignment of territories touches."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.timezone import make_aware

from activities.choices import VisitState
from activities.models import Visit
from doctors.selectors.realignments import OpenPlans


def planned_visits(moving: QuerySet[Any], on: date) -> Iterable[OpenPlans]:
    """Return by person how many visits with doctors who change hands are planned from a day on. Cost: one query."""
    rows = (
        Visit.objects.filter(
            state=VisitState.PLANNED,
            planned_at__gte=make_aware(datetime.combine(on, time())),
            doctor_id__in=moving.values("doctor_id"),
        )
        .values_list("rep__display_name")
        .annotate(plans=Count("pk"))
        .order_by("-plans", "rep__display_name")
    )
    return [OpenPlans(person, plans) for person, plans in rows]
