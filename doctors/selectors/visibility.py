"""Who may see which doctor: one path, assignment to territory, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from doctors.choices import DoctorStatus
from doctors.models import Assignment, Doctor
from pharmacrm.accounts.models import User
from pharmacrm.accounts.selectors import sees_every_territory, territories_rested_on, territory_ids_of


def doctors_visible_to(
    user: User, on: date, *, among: QuerySet[Any, Any] | None = None
) -> QuerySet[Any, Any]:
    """Return the doctors a person may see on a day; merged-away rows are left out. `among` is narrowed where given.

    Returns: no order and no joins; callers add both. Cost: one query to find the territories, none for people
    whose role sees all; then one semi-join on the assignment index.
    """
    doctors = (Doctor.objects.all() if among is None else among).filter(merged_into__isnull=True)
    own = own_doctor_ids(user, on)
    return doctors if own is None else doctors.filter(pk__in=own)


def own_doctor_ids(user: User, on: date) -> QuerySet[Any, Any] | None:
    """Return the keys of the doctors in a person's territories on a day; None where the role sees all.

    Records merged away are among them: narrow by this to touch few rows, let `doctors_visible_to` decide. The keys are
    read from the index of a territory alone. Cost: as `doctors_visible_to`.
    """
    if sees_every_territory(user):
        return None
    return _assigned_to(territory_ids_of(user, on), on)


def doctors_in_territories(territory_ids: Iterable[UUID], on: date) -> QuerySet[Doctor]:
    """Return the doctors assigned to any of the territories on a day, each once."""
    return Doctor.objects.filter(merged_into__isnull=True, pk__in=_assigned_to(territory_ids, on))


def _assigned_to(territory_ids: Iterable[UUID], on: date) -> QuerySet[Any, Any]:
    return assignments_on(on).filter(territory_id__in=list(territory_ids)).values("doctor_id")


def assignments_on(on: date) -> QuerySet[Assignment]:
    """Return the assignments that hold on a day."""
    return Assignment.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=on), valid_from__lte=on)


def can_see(user: User, doctor_id: UUID | str, on: date) -> bool:
    """Return whether a person may see one doctor on a day; a record merged away is seen by who sees the one kept.

    Cost: at most three queries, some more for a record out of sight or merged away.
    """
    seen = doctors_visible_to(user, on)
    if seen.filter(pk=doctor_id).exists():
        return True
    key = UUID(str(doctor_id))
    kept = canonical_ids([key])[key]
    return kept != key and seen.filter(pk=kept).exists()


def unverified_among(doctor_ids: Iterable[UUID | str]) -> set[UUID]:
    """Return those of these doctors whose records a steward has not verified. Cost: one query."""
    found = Doctor.objects.filter(pk__in=list(doctor_ids), status=DoctorStatus.UNVERIFIED)
    return set(found.values_list("pk", flat=True))


def territory_ids_of_doctor(doctor_id: UUID | str, on: date) -> list[UUID]:
    """Return the keys of the territories a doctor belongs to on a day."""
    return list(assignments_on(on).filter(doctor_id=doctor_id).values_list("territory_id", flat=True))


def subjects_of_doctor(doctor_id: UUID | str, on: date) -> tuple[str, ...]:
    """Return what an act about a doctor rests on, for holds: the doctor, the hospital, the territories and all above.

    Cost: three queries.
    """
    return subjects_of_doctors([doctor_id], on).get(str(doctor_id), (f"doctor:{doctor_id}",))


def subjects_of_doctors(doctor_ids: Iterable[UUID | str], on: date) -> dict[str, tuple[str, ...]]:
    """Return `subjects_of_doctor` for several, by key as text. Cost: two queries, and one for each territory among them."""
    keys = list(doctor_ids)
    of_doctor: dict[str, list[UUID]] = {}
    for doctor, territory in (
        assignments_on(on).filter(doctor_id__in=keys).values_list("doctor_id", "territory_id")
    ):
        of_doctor.setdefault(str(doctor), []).append(territory)
    above = {
        territory: territories_rested_on([territory])
        for territory in {one for several in of_doctor.values() for one in several}
    }
    return {
        str(pk): tuple(
            dict.fromkeys(
                [
                    f"doctor:{pk}",
                    *((f"hospital:{hospital}",) if hospital else ()),
                    *(name for territory in of_doctor.get(str(pk), ()) for name in above[territory]),
                ]
            )
        )
        for pk, hospital in Doctor.objects.filter(pk__in=keys).values_list("pk", "hospital_id")
    }


def territory_ids_of_doctors(doctor_ids: Iterable[UUID | str], on: date) -> set[UUID]:
    """Return the keys of the territories any of these doctors belongs to on a day. Cost: one query."""
    rows = assignments_on(on).filter(doctor_id__in=list(doctor_ids))
    return set(rows.values_list("territory_id", flat=True))


def canonical_ids(ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return for each key the doctor it stands for today: itself, or the one it was merged into.

    Cost: one query a step of merging, in practice one.
    """
    wanted = set(ids)
    merged: dict[UUID, UUID] = {}
    frontier = set(wanted)
    while frontier:
        step = dict(
            Doctor.objects.filter(pk__in=frontier, merged_into__isnull=False).values_list(
                "pk", "merged_into_id"
            )
        )
        merged.update(step)
        frontier = set(step.values()) - merged.keys()
    return {key: _follow(key, merged) for key in wanted}


def _follow(key: UUID, merged: dict[UUID, UUID]) -> UUID:
    seen = {key}
    while key in merged and merged[key] not in seen:
        key = merged[key]
        seen.add(key)
    return key
