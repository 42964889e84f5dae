"""Note a doctor nobody keeps yet, such as a speaker from elsewhere. Stewards verify them later."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.actions.doctors import DoctorNotSaved, identity_of_new, new_code
from doctors.choices import DoctorStatus
from doctors.models import Doctor
from doctors.rules.names import clean_name
from pharmacrm.accounts.models import User


@transaction.atomic
def note_outside_doctor(*, name: str, by: User, at: datetime) -> Doctor:
    """Keep a doctor who is in no territory, unverified, by name alone; whom they belong to is for a steward to say.

    The name goes to the identity room, so the person can be erased like anybody else.
    Raises: PermissionDenied; DoctorNotSaved for an empty name.
    """
    if not permissions.can_ask_change(by):
        raise PermissionDenied
    cleaned = clean_name(name)
    if not cleaned:
        raise DoctorNotSaved(_("A doctor needs a name."), field="name")
    doctor = Doctor.objects.create(code=new_code(), status=DoctorStatus.UNVERIFIED)
    identity_of_new(doctor.pk, cleaned).save(force_insert=True)
    law.record("doctors.outside_doctor_noted", subject=f"doctor:{doctor.pk}", by=by, at=at, rows=[doctor])
    return doctor
