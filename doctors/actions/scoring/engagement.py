# ruff: noqa: S608 - every piece of text comes from the catalogue and a checked model, none from a person
"""Engagement sums: built once from all interactions, then kept up for the doctors who were touched.

A touched doctor is summed anew from the interactions, so a sum never drifts and doing it twice changes nothing.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from doctors.models import EngagementBuild, SegmentationModel

from .statements import Plan, engagement_select

TAKE_MARKS = """
    WITH taken AS (SELECT doctor_id FROM doctors_toucheddoctor ORDER BY touched_at, doctor_id LIMIT %s
                   FOR UPDATE SKIP LOCKED)
    DELETE FROM doctors_toucheddoctor t USING taken WHERE t.doctor_id = taken.doctor_id RETURNING t.doctor_id"""
ROOM_TO_SUM = "SET LOCAL work_mem = '256MB'; SET LOCAL jit = off"
DROP_WRONG_SUMS = """
    DELETE FROM doctors_engagementstate kept WHERE kept.model_id = %(model)s AND NOT EXISTS (
        SELECT FROM scoring_sums s WHERE s.doctor_id = kept.doctor_id AND s.strength = kept.strength)"""
ADD_MISSING_SUMS = """
    INSERT INTO doctors_engagementstate (model_id, doctor_id, strength)
    SELECT %(model)s, s.doctor_id, s.strength FROM scoring_sums s WHERE NOT EXISTS (
        SELECT FROM doctors_engagementstate kept WHERE kept.model_id = %(model)s AND kept.doctor_id = s.doctor_id)
     ORDER BY s.doctor_id"""
SHANGHAI = ZoneInfo("Asia/Shanghai")


def first_moment(day: date) -> datetime:
    """Return the moment a Shanghai day begins."""
    return datetime.combine(day, time(), SHANGHAI)


def build_engagement(model: SegmentationModel, *, at: datetime, ids_per_step: int = 0) -> int:
    """Sum all interactions of all doctors anew and put right what is kept otherwise. Call inside a transaction.

    `ids_per_step` splits the stream by interaction number; the sums are the same whatever the split.
    Returns: how many kept sums were wrong, missing or too many. Cost: one pass over the stream.
    """
    plan = Plan(model.spec, at.astimezone(SHANGHAI).date())
    corrected = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0), coalesce(min(id), 0) FROM doctors_interaction")
        through, first = cursor.fetchone()
        if plan.engagement:
            cursor.execute(ROOM_TO_SUM)
            cursor.execute("DROP TABLE IF EXISTS scoring_sums")
            _sum_all(cursor, plan, model, at, first, through, ids_per_step)
            cursor.execute("ANALYZE scoring_sums")
            cursor.execute(DROP_WRONG_SUMS, {"model": model.pk})
            wrong = cursor.rowcount
            cursor.execute(ADD_MISSING_SUMS, {"model": model.pk})
            corrected = max(wrong, cursor.rowcount)
            cursor.execute("DROP TABLE scoring_sums")
        else:
            cursor.execute("DELETE FROM doctors_engagementstate WHERE model_id = %s", [model.pk])
            corrected = cursor.rowcount
    EngagementBuild.objects.update_or_create(model=model, defaults={"through_id": through, "built_at": at})
    return int(corrected)


def refresh_touched(*, at: datetime, limit: int) -> list[Any]:
    """Sum anew the interactions of doctors touched since, for every model whose sums are complete.

    Returns: their keys. Call inside a transaction: the marks are taken away with it, and a contact recorded
    meanwhile leaves its own mark. Cost: one index scan a doctor.
    """
    with connection.cursor() as cursor:
        cursor.execute(TAKE_MARKS, [limit])
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return []
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
                    **window_of(build.model.landmark_on, at.astimezone(SHANGHAI).date()),
                    "model": build.model_id,
                    "ids": [str(pk) for pk in ids],
                },
            )
    return ids


def _sum_all(
    cursor: Any,
    plan: Plan,
    model: SegmentationModel,
    at: datetime,
    first: int,
    through: int,
    ids_per_step: int,
) -> None:
    """Make scoring_sums: made as a table of its own, the one pass over the stream may use every core."""
    window = {**window_of(model.landmark_on, plan.as_of), "through": through}
    if not ids_per_step:
        cursor.execute(f"CREATE TEMPORARY TABLE scoring_sums AS {engagement_select(plan)}", window)
        return
    sums = ", ".join(f"sum(strength[{i}])::bigint" for i, _ in enumerate(plan.engagement, 1))
    cursor.execute("DROP TABLE IF EXISTS scoring_parts")
    cursor.execute("CREATE TEMPORARY TABLE scoring_parts (doctor_id uuid, strength bigint[])")
    for start in range(first, through + 1, ids_per_step):
        part = {**window, "start": start, "through": min(start + ids_per_step - 1, through)}
        cursor.execute(
            f"INSERT INTO scoring_parts {engagement_select(plan, 'AND p.id BETWEEN %(start)s AND %(through)s')}",
            part,
        )
    cursor.execute(
        f"CREATE TEMPORARY TABLE scoring_sums AS SELECT doctor_id, ARRAY[{sums}] AS strength"
        " FROM scoring_parts GROUP BY doctor_id"
    )
    cursor.execute("DROP TABLE scoring_parts")


def window_of(landmark_on: date, on: date) -> dict[str, Any]:
    """Return the moments between which contacts count on a day."""
    end = first_moment(on + timedelta(days=1))
    return {"landmark": first_moment(landmark_on).astimezone(UTC), "end": end.astimezone(UTC)}
