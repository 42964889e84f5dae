# ruff: noqa: S608 - every piece of text comes from the catalogue and a checked model, none from a person
"""Engagement sums: built once from all interactions, then kept up for the doctors who were touched.

A touched doctor is summed anew from the interactions, so a sum never drifts and doing it twice changes nothing.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from doctors.models import EngagementBuild, SegmentationModel, TouchedDoctor

from .statements import Plan, engagement_select

SHANGHAI = ZoneInfo("Asia/Shanghai")


def first_moment(day: date) -> datetime:
    """Return the moment a Shanghai day begins."""
    return datetime.combine(day, time(), SHANGHAI)


def build_engagement(model: SegmentationModel, *, at: datetime, ids_per_step: int = 0) -> None:
    """Sum all interactions of all doctors anew. Call inside a transaction.

    `ids_per_step` splits the stream by interaction number; the sums are the same whatever the split.
    Cost: one pass over the stream.
    """
    plan = Plan(model.spec, at.astimezone(SHANGHAI).date())
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0), coalesce(min(id), 0) FROM doctors_interaction")
        through, first = cursor.fetchone()
        cursor.execute("DELETE FROM doctors_engagementstate WHERE model_id = %s", [model.pk])
        if plan.engagement:
            _insert(cursor, plan, model, at, first, through, ids_per_step)
    EngagementBuild.objects.update_or_create(model=model, defaults={"through_id": through, "built_at": at})


def refresh_touched(*, at: datetime, limit: int) -> list[Any]:
    """Sum anew the interactions of doctors touched since, for every model whose sums are complete.

    Returns: their keys. Call inside a transaction: the marks are taken away with it, and a contact recorded
    meanwhile leaves its own mark. Cost: one index scan a doctor.
    """
    marks = (
        TouchedDoctor.objects.select_for_update(skip_locked=True)
        .order_by("touched_at", "doctor_id")
        .values_list("doctor_id", flat=True)[:limit]
    )
    ids = list(marks)
    if not ids:
        return []
    TouchedDoctor.objects.filter(doctor_id__in=ids).delete()
    for build in EngagementBuild.objects.select_related("model").order_by("model_id"):
        plan = Plan(build.model.spec, at.astimezone(SHANGHAI).date())
        if not plan.engagement:
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM doctors_engagementstate WHERE model_id = %s AND doctor_id = ANY(%s::uuid[])",
                [build.model_id, [str(pk) for pk in ids]],
            )
            cursor.execute(
                "INSERT INTO doctors_engagementstate (model_id, doctor_id, strength) SELECT %(model)s, doctor_id, strength"
                f" FROM ({engagement_select(plan, 'AND p.doctor_id = ANY(%(ids)s::uuid[])')}) summed",
                {
                    **_window(build.model, at),
                    "through": 2**62,
                    "model": build.model_id,
                    "ids": [str(pk) for pk in ids],
                },
            )
    return ids


def _insert(
    cursor: Any,
    plan: Plan,
    model: SegmentationModel,
    at: datetime,
    first: int,
    through: int,
    ids_per_step: int,
) -> None:
    window = {**_window(model, at), "model": model.pk, "through": through}
    if not ids_per_step:
        cursor.execute(
            "INSERT INTO doctors_engagementstate (model_id, doctor_id, strength) SELECT %(model)s, doctor_id, strength"
            f" FROM ({engagement_select(plan)}) summed",
            window,
        )
        return
    sums = ", ".join(f"sum(strength[{i}])::bigint" for i, _ in enumerate(plan.engagement, 1))
    cursor.execute("DROP TABLE IF EXISTS scoring_parts")
    cursor.execute("CREATE TEMPORARY TABLE scoring_parts (doctor_id uuid, strength bigint[])")
    for start in range(first, through + 1, ids_per_step):
        part = {**window, "start": start, "through": min(start + ids_per_step - 1, through)}
        cursor.execute(
            f"INSERT INTO scoring_parts {engagement_select(plan, 'AND p.id >= %(start)s')}",
            part,
        )
    cursor.execute(
        "INSERT INTO doctors_engagementstate (model_id, doctor_id, strength)"
        f" SELECT %(model)s, doctor_id, ARRAY[{sums}] FROM scoring_parts GROUP BY doctor_id",
        window,
    )
    cursor.execute("DROP TABLE scoring_parts")


def _window(model: SegmentationModel, at: datetime) -> dict[str, Any]:
    end = first_moment(at.astimezone(SHANGHAI).date() + timedelta(days=1))
    return {"landmark": first_moment(model.landmark_on).astimezone(UTC), "end": end.astimezone(UTC)}
