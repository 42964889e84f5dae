"""The rows a person's standing rests on, read by one statement: every visit, showing and event asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connection

_ROWS = """
    (SELECT json_agg(json_build_array(u.id, coalesce(g.name, '')))
              FROM {user} u LEFT JOIN {held} held ON held.user_id = u.id LEFT JOIN auth_group g ON g.id = held.group_id
             WHERE u.id = ANY(%(people)s::uuid[]) AND u.is_active),
           (SELECT json_agg(json_build_array(e.user_id, e.kind, e.changed_on, e.degree_proven,
                       e.bribery_checked_on IS NOT NULL, e.bribery_found, e.bribery_due_on) ORDER BY e.valid_from)
              FROM compliance_employment e
             WHERE e.user_id = ANY(%(people)s::uuid[])
               AND e.valid_from <= %(on)s AND (e.valid_until IS NULL OR e.valid_until > %(on)s)),
           (SELECT json_agg(json_build_array(f.user_id, f.number, f.valid_until,
                       (SELECT json_agg(json_build_array(p.product_code, p.is_assigned))
                          FROM compliance_filedproduct p
                         WHERE p.filing_id = f.id
                           AND p.valid_from <= %(on)s AND (p.valid_until IS NULL OR p.valid_until > %(on)s))) ORDER BY f.valid_from)
              FROM compliance_repfiling f
             WHERE f.user_id = ANY(%(people)s::uuid[]) AND f.withdrawn_on IS NULL
               AND f.valid_from <= %(on)s AND (f.valid_until IS NULL OR f.valid_until > %(on)s)),
           (SELECT json_agg(c.user_id)
              FROM compliance_commitment c
             WHERE c.user_id = ANY(%(people)s::uuid[]) AND (c.renew_by IS NULL OR c.renew_by >= %(on)s)
               AND c.valid_from <= %(on)s AND (c.valid_until IS NULL OR c.valid_until > %(on)s)),
           (SELECT json_agg(json_build_array(a.course_id, o.code, a.role, a.points, a.product_code, a.team))
              FROM compliance_courseassignment a JOIN compliance_course o ON o.id = a.course_id
             WHERE NOT o.is_retired AND (%(codes)s::text[] IS NULL OR a.product_code = ANY(%(codes)s::text[]))
               AND a.valid_from <= %(on)s AND (a.valid_until IS NULL OR a.valid_until > %(on)s)),
           (SELECT json_agg(json_build_array(t.user_id, t.course_id))
              FROM compliance_certificate t
             WHERE t.user_id = ANY(%(people)s::uuid[]) AND (t.renew_by IS NULL OR t.renew_by >= %(on)s)
               AND (t.revoked_at IS NULL OR t.revoked_at > %(at)s)
               AND t.valid_from <= %(on)s AND (t.valid_until IS NULL OR t.valid_until > %(on)s)),
           (SELECT json_agg(r.user_id)
              FROM compliance_hospitalregistration r
             WHERE r.user_id = ANY(%(people)s::uuid[]) AND r.hospital = %(hospital)s AND r.hospital <> ''
               AND r.valid_from <= %(on)s AND (r.valid_until IS NULL OR r.valid_until > %(on)s))"""


@dataclass(frozen=True)
class EmploymentRow:
    """What counts of a contract on a day."""

    kind: str
    changed_on: date | None
    degree_proven: bool
    bribery_checked: bool
    bribery_found: bool
    bribery_due_on: date | None


@dataclass(frozen=True)
class FilingRow:
    """What counts of a filing on a day; `products` says of each product code whether the company left it with the person."""

    number: str
    ends_on: str
    products: dict[str, bool]


@dataclass(frozen=True)
class CourseAsked:
    """A course that people of a role need, everywhere or at some points, for one product or all, in one team or all."""

    course_id: UUID
    code: str
    role: str
    points: tuple[str, ...]
    product_code: str
    team: str


@dataclass
class StandingRows:
    """All that holds on a day for some people, by their keys. Who may not sign in has no roles."""

    roles: dict[UUID, set[str]] = field(default_factory=dict)
    employments: dict[UUID, EmploymentRow] = field(default_factory=dict)
    filings: dict[UUID, FilingRow] = field(default_factory=dict)
    committed: set[UUID] = field(default_factory=set)
    courses: list[CourseAsked] = field(default_factory=list)
    passed: dict[UUID, set[UUID]] = field(default_factory=dict)
    registered: set[UUID] = field(default_factory=set)


def standing_rows(
    people: Sequence[UUID], product_codes: Sequence[str] | None, *, on: date, at: datetime, hospital: str = ""
) -> StandingRows:
    """Return what the standing of people rests on; of courses only those for the products named, or for all without.

    Of two contracts or filings that hold at once the later counts. Cost: one query, however many people.
    """
    user = get_user_model()
    statement = _ROWS.format(
        user=user._meta.db_table,
        held=user.groups.through._meta.db_table,  # type: ignore[attr-defined]
    )
    values: dict[str, Any] = {
        "people": list(people), "on": on, "at": at, "hospital": hospital,
        "codes": None if product_codes is None else ["", *product_codes],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {statement}", values)
        roles, employments, filings, committed, courses, certificates, registered = (
            rows or [] for rows in cursor.fetchone()
        )
    found = StandingRows(
        employments={
            UUID(pk): EmploymentRow(kind, _day(changed), proven, checked, bribed, _day(due))
            for pk, kind, changed, proven, checked, bribed, due in employments
        },
        filings={
            UUID(pk): FilingRow(number, until or "", _products(products or []))
            for pk, number, until, products in filings
        },
        committed={UUID(pk) for pk in committed},
        courses=[
            CourseAsked(UUID(key), code, role, tuple(points), product, team)
            for key, code, role, points, product, team in courses
        ],
        registered={UUID(pk) for pk in registered},
    )
    for pk, role in roles:
        found.roles.setdefault(UUID(pk), set()).add(role)
    for pk, course in certificates:
        found.passed.setdefault(UUID(pk), set()).add(UUID(course))
    return found


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _products(rows: Sequence[tuple[str, bool]]) -> dict[str, bool]:
    """Return which products stand in a filing; one that any row gives to a colleague is given away."""
    products: dict[str, bool] = {}
    for code, is_assigned in rows:
        products[code] = is_assigned and products.get(code, True)
    return products
