"""Create and change doctors. Names go to the identity room and nowhere else."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.choices import DoctorStatus, HospitalLevel, Post, Title
from doctors.models import Affiliation, Doctor, DoctorIdentity, DoctorIdentityVersion, Hospital
from doctors.rules.names import clean_name, read_name
from doctors.selectors.privacy import data_key
from pharmacrm.accounts.models import User
from pharmacrm.common.crypto import new_wrapped_key, seal
from pharmacrm.common.errors import DomainError
from pharmacrm.common.ids import uuid7

CHANGEABLE = ("title", "post", "specialty", "status")


class DoctorNotSaved(DomainError):
    """The doctor was not created or changed."""

    code = "doctor_not_saved"


@transaction.atomic
def create_doctor(
    *,
    name: str,
    by: User,
    at: datetime,
    code: str = "",
    title: str = Title.UNKNOWN,
    post: str = Post.NONE,
    specialty: str = "",
    status: str = DoctorStatus.ACTIVE,
    hospital_id: UUID | None = None,
    department_id: UUID | None = None,
    department_name: str = "",
    works_there_since: date | None = None,
) -> Doctor:
    """Create a doctor with name, key and, where a hospital is given, the primary affiliation.

    Raises: PermissionDenied; DoctorNotSaved for an empty name or a code in use. Nothing has changed then.
    """
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    return write_doctor(
        name=name,
        by=by,
        at=at,
        code=code,
        title=title,
        post=post,
        specialty=specialty,
        status=status,
        hospital_id=hospital_id,
        department_id=department_id,
        department_name=department_name,
        works_there_since=works_there_since,
    )


def write_doctor(
    *,
    name: str,
    by: User,
    at: datetime,
    code: str = "",
    title: str = Title.UNKNOWN,
    post: str = Post.NONE,
    specialty: str = "",
    status: str = DoctorStatus.ACTIVE,
    hospital_id: UUID | None = None,
    department_id: UUID | None = None,
    department_name: str = "",
    works_there_since: date | None = None,
    verify_by: date | None = None,
) -> Doctor:
    """Write a new doctor; who may is the caller's to ask. Call inside the caller's transaction. Raises: DoctorNotSaved."""
    cleaned = clean_name(name)
    if not cleaned:
        raise DoctorNotSaved(_("A doctor needs a name."), field="name")
    doctor = Doctor(
        code=code or new_code(),
        title=title,
        post=post,
        specialty=specialty.strip(),
        status=status,
        verify_by=verify_by,
    )
    place(doctor, hospital_id, department_id, department_name)
    try:
        with transaction.atomic():
            doctor.save(force_insert=True)
    except IntegrityError as clash:
        raise DoctorNotSaved(_("Another doctor has this code."), field="code") from clash
    identity_of_new(doctor.pk, cleaned).save(force_insert=True)
    rows: list[object] = [doctor]
    if hospital_id:
        rows.append(
            Affiliation.objects.create(
                doctor=doctor,
                hospital_id=hospital_id,
                department_id=department_id,
                department_name=department_name,
                title=title,
                post=post,
                is_primary=True,
                valid_from=works_there_since or localtime(at).date(),
            )
        )
    law.record("doctors.doctor_created", subject=f"doctor:{doctor.pk}", by=by, at=at, rows=rows)
    return doctor


@transaction.atomic
def update_doctor(*, doctor_id: UUID, by: User, at: datetime, reason: str = "", **changes: str) -> Doctor:
    """Change title, post, specialty or status of a doctor.

    Raises: PermissionDenied; DoctorNotSaved for a field that is not changed this way or an unknown value.
    """
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    doctor = Doctor.objects.select_for_update().get(pk=doctor_id)
    for field, value in changes.items():
        if field not in CHANGEABLE:
            raise DoctorNotSaved(_("This is not changed here."), field=field)
        allowed = dict(getattr(Doctor._meta.get_field(field), "flatchoices", ()))
        if allowed and value not in allowed:
            raise DoctorNotSaved(_("This value is not on the list."), field=field)
        setattr(doctor, field, value)
    doctor.save(update_fields=[*changes, "updated_at"])
    law.record(
        "doctors.doctor_changed", subject=f"doctor:{doctor.pk}", by=by, at=at, reason=reason, rows=[doctor]
    )
    return doctor


@transaction.atomic
def rename_doctor(*, doctor_id: UUID, name: str, by: User, at: datetime, reason: str = "") -> DoctorIdentity:
    """Give a doctor another name; the former one is kept encrypted under the person's key.

    Raises: PermissionDenied; DoctorNotSaved for an empty name.
    """
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    cleaned = clean_name(name)
    if not cleaned:
        raise DoctorNotSaved(_("A doctor needs a name."), field="name")
    identity = DoctorIdentity.objects.select_for_update().get(pk=doctor_id)
    if identity.name == cleaned:
        return identity
    kept = DoctorIdentityVersion.objects.create(
        doctor_id=doctor_id,
        sealed=seal_text(doctor_id, identity.name),
        replaced_at=at,
        replaced_by=by,
    )
    read = read_name(cleaned)
    identity.name, identity.sort_key = cleaned, read.sort_key
    identity.readings, identity.keys = list(read.readings), list(read.keys)
    identity.save()
    law.record(
        "doctors.doctor_renamed", subject=f"doctor:{doctor_id}", by=by, at=at, reason=reason, rows=[kept]
    )
    return identity


def seal_text(doctor_id: UUID | str, text: str) -> bytes:
    """Return text encrypted under a doctor's key, for free text about the person. Raises: KeyDestroyed."""
    return seal_with(data_key(doctor_id), doctor_id, text)


def seal_with(key: bytes, doctor_id: UUID | str, text: str) -> bytes:
    """Return text encrypted under a doctor's key that is at hand already."""
    return seal(text.encode(), key=key, context=str(doctor_id).encode())


def identity_of_new(doctor_id: UUID, name: str) -> DoctorIdentity:
    """Return the unsaved identity row of a new doctor with a fresh key; `name` is already clean."""
    return DoctorIdentity(**identity_values(doctor_id, name))


def identity_values(doctor_id: UUID | str, name: str) -> dict[str, Any]:
    """Return the values of the identity row of a new doctor, by column, with a fresh key; `name` is already clean."""
    read = read_name(name)
    return {
        "doctor_id": doctor_id,
        "name": name[:80],
        "sort_key": read.sort_key,
        "readings": list(read.readings),
        "keys": list(read.keys),
        "wrapped_key": new_wrapped_key(),
    }


def place(
    doctor: Doctor, hospital_id: UUID | None, department_id: UUID | None, department_name: str = ""
) -> None:
    """Write the primary affiliation's place onto an unsaved doctor, for lists."""
    hospital = Hospital.objects.get(pk=hospital_id) if hospital_id else None
    doctor.hospital = hospital
    doctor.department_id = department_id
    doctor.department_name = department_name
    doctor.hospital_level = hospital.level if hospital else HospitalLevel.UNKNOWN
    doctor.division_code = (hospital.division_id or "") if hospital else ""


def new_code() -> str:
    """Return a code for a doctor or hospital that brought none."""
    return f"D{uuid7().hex[-10:].upper()}"
