"""The records that stand for one doctor: the one that is kept, and all that were merged into it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL

FAMILIES = """
    up(asked, id) AS (
        SELECT asked, asked FROM unnest(%s::uuid[]) AS asked
        UNION
        SELECT up.asked, d.merged_into_id FROM up JOIN doctors_doctor d ON d.id = up.id
         WHERE d.merged_into_id IS NOT NULL
    ), down(asked, id) AS (
        SELECT asked, id FROM up
        UNION
        SELECT down.asked, d.id FROM down JOIN doctors_doctor d ON d.merged_into_id = down.id
    )"""


def families_of(ids: Iterable[UUID | str]) -> dict[UUID, list[UUID]]:
    """Return for each key every record of the same doctor, its own among them. Cost: one query."""
    wanted = sorted({str(one) for one in ids})
    if not wanted:
        return {}
    found: dict[UUID, list[UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT asked, id FROM (WITH RECURSIVE {FAMILIES} SELECT asked, id FROM down) AS family",  # noqa: S608
            [wanted],
        )
        for asked, member in cursor.fetchall():
            found.setdefault(asked, []).append(member)
    return found


def family_of(doctor_id: UUID | str) -> list[UUID]:
    """Return every record of one doctor. Cost: one query."""
    return next(iter(families_of([doctor_id]).values()), [])


def records_of(doctor_id: UUID | str) -> RawSQL:
    """Return every record of one doctor as part of another query: `filter(doctor_id__in=records_of(pk))`."""
    return RawSQL(f"WITH RECURSIVE {FAMILIES} SELECT id FROM down", [[str(doctor_id)]])  # noqa: S608, S611
