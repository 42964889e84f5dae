"""Whom the rules of the territories name, worked out by the database; the nearer word wins.

A doctor named by key comes before the hospital, the hospital before county, city and province. What a territory leaves
out is not its own, whatever else its rules say. Where two territories of one line name a doctor equally near, that is
an overlap: nobody is placed until the rules are settled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from doctors.models import Division, TerritoryRule
from pharmacrm.accounts.selectors import territories

# The digits of a division that count: 330000 is 33, 330100 is 3301.
STEM = "left({code}, 2 * ceil(length(rtrim({code}, '0')) / 2.0)::int)"
IN_USE = "d.merged_into_id IS NULL AND d.status IN ('active', 'unverified')"


def _named(doctors: str) -> str:
    return f"""
named AS MATERIALIZED (
    SELECT rule.territory_id, place.line, d.id AS doctor_id, 1 AS nearness
      FROM doctors_territoryrule rule JOIN accounts_territory place ON place.id = rule.territory_id
      JOIN {doctors} d ON d.id = rule.doctor_id
     WHERE rule.kind = 'doctor' AND rule.ended_at IS NULL AND {IN_USE}
    UNION ALL
    SELECT rule.territory_id, place.line, d.id, 2
      FROM doctors_territoryrule rule JOIN accounts_territory place ON place.id = rule.territory_id
      JOIN {doctors} d ON d.hospital_id = rule.hospital_id
     WHERE rule.kind = 'hospital' AND rule.ended_at IS NULL AND {IN_USE}
    UNION ALL
    SELECT rule.territory_id, place.line, d.id, 6 - length({STEM.format(code="rule.division_id")}) / 2
      FROM doctors_territoryrule rule JOIN accounts_territory place ON place.id = rule.territory_id
      JOIN {doctors} d ON d.division_code >= {STEM.format(code="rule.division_id")}
       AND d.division_code < {STEM.format(code="rule.division_id")} || ':'
     WHERE rule.kind = 'division' AND rule.ended_at IS NULL AND {IN_USE}
), kept AS (
    SELECT named.* FROM named JOIN doctors_doctor d ON d.id = named.doctor_id
      JOIN accounts_territory place ON place.id = named.territory_id
     WHERE (place.closes_on IS NULL OR place.closes_on > %(on)s)
       AND NOT EXISTS (
        SELECT 1 FROM doctors_territoryrule without
         WHERE without.territory_id = named.territory_id AND without.ended_at IS NULL
           AND (without.kind = 'not_doctor' AND without.doctor_id = named.doctor_id
                OR without.kind = 'not_hospital' AND without.hospital_id = d.hospital_id))
), nearest AS (
    SELECT doctor_id, line, territory_id, nearness, min(nearness) OVER (PARTITION BY doctor_id, line) AS best FROM kept
), said AS (
    SELECT doctor_id, line, array_agg(DISTINCT territory_id) AS territories FROM nearest WHERE nearness = best
     GROUP BY doctor_id, line
), placed AS (
    SELECT doctor_id, line, territories[1] AS territory_id FROM said WHERE cardinality(territories) = 1
)"""  # noqa: S608


NAMED = _named("doctors_doctor")

# The same for the doctors that the rules of one territory name: what others' rules say of anybody else settles nothing here.
OWN = f"""
own AS MATERIALIZED (
    SELECT d.id FROM doctors_territoryrule rule JOIN doctors_doctor d ON d.id = rule.doctor_id
     WHERE rule.territory_id = %(territory)s AND rule.kind = 'doctor' AND rule.ended_at IS NULL
    UNION
    SELECT d.id FROM doctors_territoryrule rule JOIN doctors_doctor d ON d.hospital_id = rule.hospital_id
     WHERE rule.territory_id = %(territory)s AND rule.kind = 'hospital' AND rule.ended_at IS NULL
    UNION
    SELECT d.id FROM doctors_territoryrule rule
      JOIN doctors_doctor d ON d.division_code >= {STEM.format(code="rule.division_id")}
       AND d.division_code < {STEM.format(code="rule.division_id")} || ':'
     WHERE rule.territory_id = %(territory)s AND rule.kind = 'division' AND rule.ended_at IS NULL
)"""  # noqa: S608
NAMED_HERE = f"{OWN}, {_named('(SELECT one.* FROM doctors_doctor one JOIN own ON own.id = one.id)')}"  # noqa: S608

HELD = """
held AS (
    SELECT doctor_id, line, territory_id FROM doctors_assignment
     WHERE valid_from <= %(on)s AND (valid_until IS NULL OR valid_until > %(on)s)
)"""


@dataclass(frozen=True)
class Coverage:
    """How the rules of a territory and what is assigned agree."""

    named: int  # doctors its rules place here
    assigned: int
    both: int
    disputed: int  # named equally near by another territory of the line

    @property
    def missing(self) -> int:
        return self.named - self.both

    @property
    def strange(self) -> int:
        return self.assigned - self.both


@dataclass(frozen=True)
class Overlap:
    """Two territories of a line whose rules name the same doctors equally near."""

    one_id: UUID
    one: str
    other_id: UUID
    other: str
    doctors: int


@dataclass(frozen=True)
class Gap:
    """Doctors of a province who belong to no territory of a line."""

    division_code: str
    division: str
    doctors: int


def rules_of(territory_id: UUID | str) -> QuerySet[TerritoryRule]:
    """Return the rules of a territory that hold, by kind; what they name is joined in."""
    return (
        TerritoryRule.objects.filter(territory_id=territory_id, ended_at__isnull=True)
        .select_related("division", "hospital", "doctor__identity")
        .order_by("kind", "pk")
    )


def coverage_of(territory_id: UUID | str, on: date) -> Coverage:
    """Return how rules and assignments of one territory agree on a day. Cost: one statement."""
    row = _rows(
        f"""{NAMED_HERE}, {HELD}, mine AS (SELECT doctor_id FROM placed WHERE territory_id = %(territory)s),
        here AS (SELECT doctor_id FROM held WHERE territory_id = %(territory)s)
        SELECT (SELECT count(*) FROM mine), (SELECT count(*) FROM here),
               (SELECT count(*) FROM mine JOIN here USING (doctor_id)),
               (SELECT count(*) FROM said WHERE cardinality(territories) > 1 AND %(territory)s = ANY(territories))""",  # noqa: S608
        on=on, territory=UUID(str(territory_id)),
    )[0]  # fmt: skip
    return Coverage(*row)


def overlaps_on(on: date, *, most: int = 50) -> list[Overlap]:
    """Return the pairs of territories whose rules claim the same doctors, the most first. Cost: one statement."""
    rows = _rows(
        f"""{NAMED}, pairs AS (
            SELECT one, other, count(*) AS doctors FROM said, unnest(territories) AS one, unnest(territories) AS other
             WHERE cardinality(territories) > 1 AND one < other GROUP BY one, other)
        SELECT pairs.one, a.name, pairs.other, b.name, doctors FROM pairs
          JOIN accounts_territory a ON a.id = pairs.one JOIN accounts_territory b ON b.id = pairs.other
         ORDER BY doctors DESC, a.code, b.code LIMIT %(most)s""",  # noqa: S608
        on=on, most=most,
    )  # fmt: skip
    return [Overlap(*row) for row in rows]


def gaps_on(line: str, on: date) -> list[Gap]:
    """Return by province how many doctors in use belong to no territory of a line on a day. Cost: one statement."""
    rows = _rows(
        f"""{HELD} SELECT left(d.division_code, 2) AS province, count(*) FROM doctors_doctor d
         WHERE {IN_USE} AND NOT EXISTS (SELECT 1 FROM held WHERE held.doctor_id = d.id AND held.line = %(line)s)
         GROUP BY province ORDER BY count(*) DESC, province""",  # noqa: S608
        on=on, line=line,
    )  # fmt: skip
    names = dict(
        Division.objects.filter(code__in=[f"{code}0000" for code, _count in rows]).values_list("code", "name")
    )
    return [Gap(f"{code}0000" if code else "", names.get(f"{code}0000", ""), count) for code, count in rows]


def lines_in_use() -> list[str]:
    """Return the lines that have territories, the common one (empty) among them. Cost: one query."""
    return list(territories().order_by("line").values_list("line", flat=True).distinct())


def _rows(body: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM (WITH {body}) AS found", values)  # noqa: S608
        return list(cursor.fetchall())
