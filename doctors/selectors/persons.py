"""Doctors as they are compared with each other: name, places of work, department, title, specialty, hashes of numbers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Q

from doctors.models import Affiliation, ContactPoint, Doctor, Hospital
from doctors.rules.comparing import Person, Workplace


def persons_of(doctor_ids: Collection[UUID], on: date) -> dict[UUID, Person]:
    """Return the compared facts by doctor; erased ones are left out. Cost: four queries."""
    rows = list(
        Doctor.objects.filter(pk__in=doctor_ids, identity__isnull=False).values_list(
            "pk", "identity__name", "hospital_id", "department__code", "department_name", "title", "specialty"
        )
    )
    works: dict[UUID, list[UUID]] = {}
    for doctor_id, hospital_id in Affiliation.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=on), doctor_id__in=doctor_ids
    ).values_list("doctor_id", "hospital_id"):
        works.setdefault(doctor_id, []).append(hospital_id)
    for pk, _name, hospital_id, *_rest in rows:
        if hospital_id and hospital_id not in works.setdefault(pk, []):
            works[pk].append(hospital_id)
    places = _workplaces({one for several in works.values() for one in several})
    numbers: dict[UUID, set[str]] = {}
    for doctor_id, index in ContactPoint.objects.filter(doctor_id__in=doctor_ids, is_active=True).values_list(
        "doctor_id", "whole_index"
    ):
        numbers.setdefault(doctor_id, set()).add(index)
    return {
        pk: Person(
            name=name,
            workplaces=tuple(places[one] for one in works.get(pk, [])),
            department=code or named,
            title=title,
            specialty=specialty,
            phones=frozenset(numbers.get(pk, ())),
        )
        for pk, name, _hospital, code, named, title, specialty in rows
    }


def _workplaces(hospital_ids: Collection[UUID]) -> dict[UUID, Workplace]:
    from_alias: dict[UUID, set[str]] = {}
    found: dict[UUID, tuple[UUID | None, str, str]] = {}
    rows = Hospital.objects.filter(pk__in=hospital_ids)
    for pk, parent, name, division, alias in rows.values_list(
        "pk", "parent_id", "name", "division_id", "aliases__name"
    ):
        found[pk] = (parent, name, division or "")
        if alias:
            from_alias.setdefault(pk, set()).add(alias)
    return {
        pk: Workplace(str(pk), str(parent or pk), frozenset({name, *from_alias.get(pk, ())}), division)
        for pk, (parent, name, division) in found.items()
    }
