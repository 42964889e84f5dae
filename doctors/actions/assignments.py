"""Put doctors into territories, and take them out, from a day on."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.choices import AssignmentSource
from doctors.models import Assignment, Doctor
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError


class DoctorNotAssigned(DomainError):
    """The assignment was not written."""

    code = "doctor_not_assigned"


@transaction.atomic
def assign_doctor(
    *,
    doctor_id: UUID,
    territory_id: UUID,
    valid_from: date,
    by: User,
    at: datetime,
    valid_until: date | None = None,
    source: str = AssignmentSource.EXPLICIT,
) -> Assignment:
    """Put a doctor into a territory from a day on.

    Raises: PermissionDenied; DoctorNotAssigned if the doctor is in it at that time already.
    """
    if not permissions.can_assign_doctor(by):
        raise PermissionDenied
    doctor = Doctor.objects.select_for_update().get(pk=doctor_id)
    try:
        with transaction.atomic():
            assignment = Assignment.objects.create(
                doctor=doctor,
                territory_id=territory_id,
                source=source,
                valid_from=valid_from,
                valid_until=valid_until,
            )
    except IntegrityError as clash:
        raise DoctorNotAssigned(_("The doctor already belongs to this territory at that time.")) from clash
    law.record("doctors.doctor_assigned", subject=f"doctor:{doctor.pk}", by=by, at=at, rows=[assignment])
    return assignment


@transaction.atomic
def end_assignment(
    *, assignment_id: UUID, until: date, by: User, at: datetime, reason: str = ""
) -> Assignment:
    """End an assignment before the day `until`. Raises: PermissionDenied; DoctorNotAssigned for a day too early."""
    if not permissions.can_assign_doctor(by):
        raise PermissionDenied
    assignment = Assignment.objects.select_for_update().get(pk=assignment_id)
    if until <= assignment.valid_from:
        raise DoctorNotAssigned(_("An assignment ends after it starts."), field="until")
    assignment.valid_until = until
    assignment.save(update_fields=["valid_until", "updated_at"])
    law.record(
        "doctors.assignment_ended",
        subject=f"doctor:{assignment.doctor_id}",
        by=by,
        at=at,
        reason=reason,
        rows=[assignment],
    )
    return assignment
