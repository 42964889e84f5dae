"""A doctor whom the field met and the master does not know: usable at once under limits, verified by a steward.

An unverified doctor may be visited. They are not invited, give no consent through the company, speak nowhere and get
nothing; a record nobody verified lapses after its days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import orjson
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.rules.working_days import working_day_after
from doctors import permissions
from doctors.actions.changes import (
    DAYS_TO_ANSWER,
    ChangeNotTaken,
    attach,
    check_words,
    end_all_assignments,
    put_change,
)
from doctors.actions.doctors import seal_text, write_doctor
from doctors.choices import AssignmentSource, ChangeKind, ChangeState, DoctorStatus, Post, Title
from doctors.models import Assignment, ChangeRequest, Doctor
from pharmacrm.accounts.models import User
from pharmacrm.accounts.selectors import memberships_on, territory_of
from pharmacrm.common.models import StoredFile

VERIFY_WITHIN = timedelta(days=30)
MOST_UNVERIFIED = 20  # of one person at a time


@dataclass(frozen=True)
class NewDoctor:
    """What the field knows of a doctor."""

    name: str
    hospital_id: UUID
    department_name: str = ""
    title: str = Title.UNKNOWN
    post: str = Post.NONE
    specialty: str = ""


@transaction.atomic
def propose_doctor(
    *,
    doctor: NewDoctor,
    territory_id: UUID,
    note: str,
    by: User,
    at: datetime,
    files: Sequence[StoredFile] = (),
) -> ChangeRequest:
    """Propose a doctor of one's own territory; the record can be used at once, unverified, until its day.

    Raises: PermissionDenied for a territory one does not work in; ChangeNotTaken with too many waiting; DoctorNotSaved.
    """
    today = localtime(at).date()
    works_there = memberships_on(by, today).filter(territory_id=territory_id).exists()
    place = territory_of(territory_id)
    if not permissions.can_propose_doctor(by) or not works_there or place is None:
        raise PermissionDenied
    check_words(note, doctor.department_name, doctor.specialty)
    User.objects.select_for_update().get(pk=by.pk)  # two proposals at once count one after the other
    waiting = ChangeRequest.objects.filter(
        asked_by=by, kind=ChangeKind.NEW_DOCTOR, state=ChangeState.OPEN
    ).count()
    if waiting >= MOST_UNVERIFIED:
        raise ChangeNotTaken(
            _("%(count)d doctors you proposed wait to be verified. Let those be answered first.")
            % {"count": waiting}
        )
    until = today + VERIFY_WITHIN
    made = write_doctor(
        name=doctor.name,
        hospital_id=doctor.hospital_id,
        department_name=doctor.department_name.strip()[:60],
        title=doctor.title,
        post=doctor.post,
        specialty=doctor.specialty,
        status=DoctorStatus.UNVERIFIED,
        verify_by=until,
        by=by,
        at=at,
    )
    assignment = Assignment.objects.create(
        doctor=made,
        territory_id=territory_id,
        line=place.line,
        source=AssignmentSource.PROPOSED,
        valid_from=today,
    )
    said = {
        "name": doctor.name.strip(),
        "title": doctor.title,
        "post": doctor.post,
        "specialty": doctor.specialty.strip(),
        "department_name": doctor.department_name.strip(),
        "note": note.strip(),
    }
    wanted = {
        name: value for name, value in said.items() if value and value not in (Title.UNKNOWN, Post.NONE)
    }
    request = ChangeRequest.objects.create(
        doctor=made,
        kind=ChangeKind.NEW_DOCTOR,
        sealed=seal_text(made.pk, orjson.dumps({"note": "", **wanted}).decode()),
        fields=sorted(wanted.keys() - {"note"}),
        asked_by=by,
        asked_at=at,
        due_on=working_day_after(today, DAYS_TO_ANSWER),
    )
    rows = attach(request, files)
    law.record(
        "doctors.doctor_proposed",
        subject=f"doctor:{made.pk}",
        by=by,
        at=at,
        rows=[request, assignment, *rows],
    )
    put_change(request, at=at)
    return request


def end_unverified(*, on: date, at: datetime) -> int:
    """Let records that nobody verified in time lapse: inactive, in nobody's territory. Returns: how many. Safe to run twice.

    The proposal stays open, so that a steward may still take it.
    """
    due = Doctor.objects.filter(status=DoctorStatus.UNVERIFIED, verify_by__lte=on)
    return sum(_lapse(pk, on, at) for pk in due.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _lapse(doctor_id: UUID, on: date, at: datetime) -> bool:
    doctor = Doctor.objects.select_for_update().get(pk=doctor_id)
    if doctor.status != DoctorStatus.UNVERIFIED:
        return False
    doctor.status, doctor.verify_by = DoctorStatus.INACTIVE, None
    doctor.save(update_fields=["status", "verify_by", "updated_at"])
    ended = end_all_assignments(doctor.pk, on)
    law.record("doctors.doctor_lapsed", subject=f"doctor:{doctor.pk}", by=None, at=at, rows=[doctor, *ended])
    return True
