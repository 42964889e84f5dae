"""Create and change hospitals and their other names."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from compliance import actions as law
from doctors import permissions
from doctors.choices import AliasKind
from doctors.models import Doctor, Hospital, HospitalAlias
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError
from pharmacrm.common.ids import uuid7

CHANGEABLE = frozenset(
    {"name", "level", "level_as_given", "kind", "ownership", "status", "beds", "outpatient_volume", "division_id",
     "address", "phone", "parent_id", "longitude", "latitude"}
)  # fmt: skip


class HospitalNotSaved(DomainError):
    """The hospital was not created or changed."""

    code = "hospital_not_saved"


@transaction.atomic
def create_hospital(*, name: str, by: User, at: datetime, code: str = "", **facts: Any) -> Hospital:
    """Create a hospital. Raises: PermissionDenied; HospitalNotSaved for an empty name or a code in use."""
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    if not name.strip():
        raise HospitalNotSaved(_("A hospital needs a name."), field="name")
    _check_fields(facts)
    hospital = Hospital(code=code or f"H{uuid7().hex[-10:].upper()}", name=name.strip(), **facts)
    try:
        with transaction.atomic():
            hospital.save(force_insert=True)
    except IntegrityError as clash:
        raise HospitalNotSaved(_("Another hospital has this code."), field="code") from clash
    law.record("doctors.hospital_created", subject=f"hospital:{hospital.pk}", by=by, at=at, rows=[hospital])
    return hospital


@transaction.atomic
def update_hospital(
    *, hospital_id: UUID, by: User, at: datetime, reason: str = "", **changes: Any
) -> Hospital:
    """Change facts of a hospital; what its doctors repeat for lists (level, division) follows.

    Raises: PermissionDenied; HospitalNotSaved for a field that is not changed this way.
    """
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    _check_fields(changes)
    hospital = Hospital.objects.select_for_update().get(pk=hospital_id)
    if not str(changes.get("name", hospital.name)).strip():
        raise HospitalNotSaved(_("A hospital needs a name."), field="name")
    if changes.get("parent_id"):
        _check_leading(hospital, changes["parent_id"])
    for field, value in changes.items():
        setattr(hospital, field, value)
    hospital.save(update_fields=[*changes, "updated_at"])
    rows: list[object] = [hospital]
    if {"level", "division_id"} & changes.keys():
        rows += _follow(hospital)
    law.record(
        "doctors.hospital_changed", subject=f"hospital:{hospital.pk}", by=by, at=at, reason=reason, rows=rows
    )
    return hospital


@transaction.atomic
def add_hospital_alias(
    *, hospital_id: UUID, name: str, by: User, at: datetime, kind: str = AliasKind.OTHER
) -> HospitalAlias:
    """Add another name of a hospital; saying it twice changes nothing. Raises: PermissionDenied; HospitalNotSaved."""
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    if not name.strip():
        raise HospitalNotSaved(_("An alias needs a name."), field="name")
    hospital = Hospital.objects.select_for_update().get(pk=hospital_id)
    alias, is_new = HospitalAlias.objects.get_or_create(
        hospital=hospital, name=name.strip(), defaults={"kind": kind}
    )
    if is_new:
        law.record(
            "doctors.hospital_alias_added", subject=f"hospital:{hospital.pk}", by=by, at=at, rows=[alias]
        )
    return alias


def _follow(hospital: Hospital) -> list[Doctor]:
    doctors = list(Doctor.objects.select_for_update().filter(hospital=hospital).order_by("pk"))
    for doctor in doctors:
        doctor.hospital_level = hospital.level
        doctor.division_code = hospital.division_id or ""
    bulk_update_with_history(doctors, Doctor, ["hospital_level", "division_code"], batch_size=1000)
    return doctors


def _check_leading(hospital: Hospital, parent_id: UUID) -> None:
    """A consortium has a top: nobody leads the hospital that leads it, however far up."""
    seen: set[UUID] = set()
    above: UUID | None = parent_id
    while above is not None and above not in seen:
        if above == hospital.pk:
            raise HospitalNotSaved(_("This hospital would lead itself."), field="parent")
        seen.add(above)
        above = Hospital.objects.filter(pk=above).values_list("parent_id", flat=True).first()


def _check_fields(facts: dict[str, Any]) -> None:
    for field in facts:
        if field not in CHANGEABLE:
            raise HospitalNotSaved(_("This is not changed here."), field=field)
