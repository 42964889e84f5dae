"""Lists of doctors and hospitals with their filters; every filter is served by an index."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from doctors.choices import DivisionKind, StakeholderKind
from doctors.models import Department, Division, Doctor, Hospital, StakeholderRole
from doctors.selectors.cards import CARD_FIELDS
from doctors.selectors.search import hospital_ids_like
from doctors.selectors.visibility import assignments_on, doctors_visible_to
from pharmacrm.accounts.models import User
from pharmacrm.common.kept import kept_for

LIST_FIELDS = (*CARD_FIELDS, "identity__sort_key")


def doctors_listed(
    user: User,
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
    """Return the doctors a person may see that pass every filter, as dictionaries with `LIST_FIELDS`.

    `division` is a code of two, four or six digits; `tier` may be `none`; `level` of one digit takes every class.
    Cost: one query with lookups by key, after one for the territories.
    """
    doctors = doctors_visible_to(user, on, among=_rows())
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
