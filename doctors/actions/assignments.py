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
from pharmacrm.accounts.selectors import territory_of
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

    Raises: PermissionDenied; DoctorNotAssigned if the doctor is in one of the same line at that time already, or the
    territory is closed by then.
    """
    if not permissions.can_assign_doctor(by):
        raise PermissionDenied
    doctor = Doctor.objects.select_for_update().get(pk=doctor_id)
    territory = territory_of(territory_id)
    if territory is None or (territory.closes_on and territory.closes_on <= (valid_until or date.max)):
        raise DoctorNotAssigned(_("This territory is closed by then."), field="territory")
    try:
        with transaction.atomic():
            assignment = Assignment.objects.create(
                doctor=doctor,
                territory_id=territory_id,
                line=territory.line,
                source=source,
                valid_from=valid_from,
                valid_until=valid_until,
            )
    except IntegrityError as clash:
        raise DoctorNotAssigned(
            _("The doctor already belongs to a territory of this line at that time.")
        ) from clash
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


@transaction.atomic
def reassign_doctor(
    *,
    doctor_id: UUID,
    line: str,
    to_territory_id: UUID | None,
    on: date,
    by: User,
    at: datetime,
    reason: str = "",
) -> Assignment | None:
    """Let a doctor change hands within a line from a day on; without a territory they belong to nobody there.

    Returns: the assignment that begins, if one does. Raises: PermissionDenied; DoctorNotAssigned when another assignment
    begins that day or later, or the doctor belongs there already.
    """
    if not permissions.can_assign_doctor(by):
        raise PermissionDenied
    Doctor.objects.select_for_update().get(pk=doctor_id)
    held = list(
        Assignment.objects.select_for_update()
        .filter(doctor_id=doctor_id, line=line)
        .exclude(valid_until__lte=on)
        .order_by("pk")
    )
    if any(one.valid_from >= on for one in held):
        raise DoctorNotAssigned(
            _("Another assignment begins that day or later. Choose a later day."), field="on"
        )
    for one in held:
        if one.territory_id == to_territory_id:
            raise DoctorNotAssigned(_("The doctor belongs there already."))
        end_assignment(assignment_id=one.pk, until=on, by=by, at=at, reason=reason)
    if to_territory_id is None:
        return None
    return assign_doctor(doctor_id=doctor_id, territory_id=to_territory_id, valid_from=on, by=by, at=at)
