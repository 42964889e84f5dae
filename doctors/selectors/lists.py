"""Lists of doctors and hospitals with their filters; every filter is served by an index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from doctors.choices import DivisionKind, StakeholderKind
from doctors.models import Department, Division, Doctor, Hospital, StakeholderRole
from doctors.selectors.cards import CARD_FIELDS
from doctors.selectors.search import hospital_ids_like
from doctors.selectors.visibility import assignments_on, doctors_visible_to
from pharmacrm.accounts.models import User
from pharmacrm.common.kept import kept_for

LIST_FIELDS = (*CARD_FIELDS, "identity__sort_key")


NAMES = ("identity__name", "identity__sort_key")
PLACES = ("hospital__name", "department__name")
FIELDS_BEFORE_PLACES = tuple(name for name in LIST_FIELDS if name not in PLACES)
# The order is made from two indexes; of a territory's doctors only those on the page are then read, with hospital and
# department. The database would by itself read and join all of them first, at twice the cost.
OWN_BY_NAME = """
    listed.*, in_order.name, in_order.sort_key
      FROM (SELECT own.doctor_id, named.name, named.sort_key
              FROM (SELECT DISTINCT held.doctor_id FROM doctors_assignment held
                     WHERE held.territory_id = ANY(%(territories)s::uuid[]) AND held.valid_from <= %(on)s
                       AND (held.valid_until IS NULL OR held.valid_until > %(on)s)) own
              LEFT JOIN doctors_doctoridentity named ON named.doctor_id = own.doctor_id {beyond}
             ORDER BY named.sort_key, own.doctor_id OFFSET 0) in_order
     CROSS JOIN LATERAL ({rows}) listed ORDER BY in_order.sort_key, in_order.doctor_id LIMIT %(count)s"""
# Hospital and department are joined to the rows of a page, not to all that the page is chosen from.
WITH_PLACES = """
    listed.*, hospital.name, department.name FROM ({rows}) listed
      LEFT JOIN doctors_hospital hospital ON hospital.id = listed.hospital_id
      LEFT JOIN doctors_department department ON department.id = listed.department_id ORDER BY {order}"""


def doctors_listed(
    user: User, on: date, *, among: QuerySet[Any] | None = None, **filters: Any
) -> QuerySet[Any]:
    """Return the doctors a person may see that pass every filter of `narrowed`, as dictionaries with `LIST_FIELDS`.

    `among` are the rows to choose from, where it is not those. Cost: one query with lookups by key, after one for the
    territories.
    """
    return narrowed(doctors_visible_to(user, on, among=_rows() if among is None else among), on, **filters)


@cache
def rows_before_places() -> QuerySet[Any]:
    """Return every doctor as a row for `read_with_places`."""
    return Doctor.objects.values(*FIELDS_BEFORE_PLACES)


def read_with_places(rows: QuerySet[Any], order: Sequence[str], count: int) -> list[dict[str, Any]]:
    """Return the first rows in an order with `LIST_FIELDS`; they are `rows_before_places`, narrowed. Cost: one query."""
    try:
        chosen, values = rows.order_by(*order)[:count].query.sql_with_params()
    except EmptyResultSet:  # nobody can pass
        return []
    quote = connection.ops.quote_name
    ordered = ", ".join(
        f"listed.{quote(name.removeprefix('-'))} {'DESC' if name.startswith('-') else 'ASC'}"
        for name in order
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {WITH_PLACES.format(rows=chosen, order=ordered)}", values)
        fields = (*FIELDS_BEFORE_PLACES, *PLACES)
        return [dict(zip(fields, row, strict=True)) for row in cursor.fetchall()]


def own_doctors_by_name(
    territories: list[UUID], on: date, *, after: tuple[str, UUID] | None, count: int
) -> list[dict[str, Any]]:
    """Return the first doctors assigned to any of the territories on a day, by name, `after` a name and a key.

    The same rows as those of `doctors_listed` for who works there. Cost: one query.
    """
    statement, fields = _own_by_name(after is not None)
    sort_key, key = after or ("", None)
    values: dict[str, Any] = {
        "territories": territories,
        "on": on,
        "sort_key": sort_key,
        "key": key,
        "count": count,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {statement}", values)
        return [dict(zip(fields, row, strict=True)) for row in cursor.fetchall()]


@cache
def _own_by_name(is_further: bool) -> tuple[str, tuple[str, ...]]:
    fields = tuple(name for name in LIST_FIELDS if name not in NAMES)
    doctors = Doctor.objects.filter(merged_into__isnull=True).values(*fields)
    rows, values = doctors.filter(pk=RawSQL("in_order.doctor_id", [])).query.sql_with_params()
    if values:
        raise AssertionError("the statement has no places for values")
    beyond = "WHERE (named.sort_key, own.doctor_id) > (%(sort_key)s, %(key)s)" if is_further else ""
    return OWN_BY_NAME.format(rows=rows, beyond=beyond), (*fields, *NAMES)


def narrowed(
    doctors: QuerySet[Any],
    on: date,
    *,
    tier: str = "",
    level: str = "",
    division: str = "",
    department: str = "",
    specialty: str = "",
    hospital: UUID | str = "",
    territory: UUID | str = "",
    status: str = "",
) -> QuerySet[Any]:
    """Return those of the doctors that pass every filter.

    `division` is a code of two, four or six digits; `tier` may be `none`; `level` of one digit takes every class.
    """
    if territory:
        assigned = assignments_on(on).filter(territory_id=territory)
        doctors = doctors.filter(pk__in=assigned.values("doctor_id"))
    if tier:
        doctors = doctors.filter(tier="" if tier == "none" else tier)
    if level:
        doctors = doctors.filter(hospital_level__in=levels_of(level))
    if division:
        stem = division.rstrip("0")
        stem = stem + "0" * (len(stem) % 2)
        doctors = doctors.filter(division_code__startswith=stem)
    if department:
        doctors = doctors.filter(department_id=department)
    if specialty:
        doctors = doctors.filter(specialty=specialty)
    if hospital:
        doctors = doctors.filter(hospital_id=hospital)
    if status:
        doctors = doctors.filter(status=status)
    return doctors


@cache
def _rows() -> QuerySet[Any]:
    """Return every doctor as a row of `LIST_FIELDS`; the seventeen names are looked up once, not for every page."""
    return Doctor.objects.values(*LIST_FIELDS)


def hospitals_listed(
    *, q: str = "", level: str = "", division: str = "", kind: str = ""
) -> QuerySet[Hospital]:
    """Return hospitals that pass every filter, with their division joined in."""
    hospitals = Hospital.objects.select_related("division")
    if q:
        hospitals = hospitals.filter(pk__in=hospital_ids_like("".join(q.lower().split())))
    if level:
        hospitals = hospitals.filter(level__in=levels_of(level))
    if division:
        stem = division.rstrip("0")
        hospitals = hospitals.filter(division_id__startswith=stem + "0" * (len(stem) % 2))
    if kind:
        hospitals = hospitals.filter(kind=kind)
    return hospitals


def levels_of(level: str) -> list[str]:
    """Return the stored levels a filter means: 3 is every class of grade 3."""
    if level in {"3", "2", "1"}:
        return [f"{level}{letter}" for letter in ("", "s", "a", "b", "c")]
    return [level]


@kept_for(60)
def provinces() -> list[tuple[str, str]]:
    """Return (code, name) of the provinces. Cost: one query a minute."""
    return list(
        Division.objects.filter(kind=DivisionKind.PROVINCE, is_current=True)
        .order_by("code")
        .values_list("code", "name")
    )


@kept_for(60)
def departments() -> list[tuple[str, str]]:
    """Return (key, name) of the clinical departments, in the order of the national list. Cost: one query a minute."""
    rows = Department.objects.order_by("code").values_list("pk", "name")
    return [(str(key), name) for key, name in rows]


def stakeholder_labels(doctor_ids: Iterable[UUID | str], on: date) -> dict[UUID, list[str]]:
    """Return the words of the parts doctors play on a day. Cost: one query."""
    rows = StakeholderRole.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=on),
        doctor_id__in=list(doctor_ids),
        valid_from__lte=on,
    ).values_list("doctor_id", "role")
    labels: dict[UUID, list[str]] = {}
    for doctor_id, role in rows:
        words = str(StakeholderKind(role).label)
        if words not in labels.setdefault(doctor_id, []):
            labels[doctor_id].append(words)
    return labels


def doctors_of_hospital(user: User, hospital_id: UUID | str, on: date) -> QuerySet[Doctor]:
    """Return the doctors of a hospital that a person may see."""
    return doctors_visible_to(user, on).filter(hospital_id=hospital_id)
