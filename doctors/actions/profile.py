"""Where a doctor works and what a doctor stands for."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.actions.doctors import DoctorNotSaved, place
from doctors.choices import InterestSource, Post, Title
from doctors.models import Affiliation, Doctor, Interest, StakeholderRole
from pharmacrm.accounts.models import User


@transaction.atomic
def add_affiliation(
    *,
    doctor_id: UUID,
    hospital_id: UUID,
    valid_from: date,
    by: User,
    at: datetime,
    department_id: UUID | None = None,
    department_name: str = "",
    title: str = Title.UNKNOWN,
    post: str = Post.NONE,
    is_primary: bool = False,
) -> Affiliation:
    """Add a place of work; a new primary one ends the former primary standing on that day.

    Raises: PermissionDenied; DoctorNotSaved when it would start before the primary one it follows.
    """
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    doctor = Doctor.objects.select_for_update().get(pk=doctor_id)
    rows: list[object] = []
    if is_primary:
        rows += _demote_primary(doctor, valid_from)
        place(doctor, hospital_id, department_id, department_name)
        doctor.save(
            update_fields=[
                "hospital",
                "department",
                "department_name",
                "hospital_level",
                "division_code",
                "updated_at",
            ]
        )
        rows.append(doctor)
    affiliation = Affiliation.objects.create(
        doctor=doctor,
        hospital_id=hospital_id,
        department_id=department_id,
        department_name=department_name,
        title=title,
        post=post,
        is_primary=is_primary,
        valid_from=valid_from,
    )
    law.record(
        "doctors.affiliation_added", subject=f"doctor:{doctor.pk}", by=by, at=at, rows=[affiliation, *rows]
    )
    return affiliation


@transaction.atomic
def end_affiliation(*, affiliation_id: UUID, until: date, reason: str, by: User, at: datetime) -> Affiliation:
    """End a place of work before the day `until`. Raises: PermissionDenied; DoctorNotSaved for a day too early or no reason."""
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    affiliation = Affiliation.objects.select_for_update().get(pk=affiliation_id)
    if until <= affiliation.valid_from:
        raise DoctorNotSaved(_("A place of work ends after it starts."), field="until")
    if not reason.strip():
        raise DoctorNotSaved(_("Please give the reason."), field="reason")
    affiliation.valid_until = until
    affiliation.save(update_fields=["valid_until", "updated_at"])
    law.record(
        "doctors.affiliation_ended",
        subject=f"doctor:{affiliation.doctor_id}",
        by=by,
        at=at,
        reason=reason.strip(),
        rows=[affiliation],
    )
    return affiliation


@transaction.atomic
def add_interest(
    *, doctor_id: UUID, kind: str, name: str, by: User, at: datetime, source: str = InterestSource.SELF_STATED
) -> Interest:
    """Write down what a doctor wants to talk about; said already, it is returned. Raises: PermissionDenied."""
    if not (permissions.can_edit_master(by) or permissions.can_ask_change(by)):
        raise PermissionDenied
    doctor = Doctor.objects.select_for_update().get(pk=doctor_id)
    interest, is_new = Interest.objects.get_or_create(
        doctor=doctor, kind=kind, name=name.strip(), defaults={"source": source}
    )
    if is_new:
        law.record("doctors.interest_added", subject=f"doctor:{doctor.pk}", by=by, at=at, rows=[interest])
    return interest


@transaction.atomic
def set_stakeholder_role(
    *,
    doctor_id: UUID,
    role: str,
    valid_from: date,
    by: User,
    at: datetime,
    hospital_id: UUID | None = None,
    reason: str = "",
) -> StakeholderRole:
    """Say which part a doctor plays; held already, it is returned. Raises: PermissionDenied."""
    if not (permissions.can_edit_master(by) or by.has_role("medical", "marketing", "line_manager")):
        raise PermissionDenied
    doctor = Doctor.objects.select_for_update().get(pk=doctor_id)
    held, is_new = StakeholderRole.objects.get_or_create(
        doctor=doctor,
        role=role,
        hospital_id=hospital_id,
        valid_until=None,
        defaults={"valid_from": valid_from, "reason": reason},
    )
    if is_new:
        law.record(
            "doctors.stakeholder_role_set",
            subject=f"doctor:{doctor.pk}",
            by=by,
            at=at,
            reason=reason,
            rows=[held],
        )
    return held


def _demote_primary(doctor: Doctor, until: date) -> list[object]:
    standing = Affiliation.objects.select_for_update().filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=until), doctor=doctor, is_primary=True
    )
    ended: list[object] = []
    for former in standing.order_by("pk"):
        if former.valid_from >= until:
            raise DoctorNotSaved(
                _("Another main place of work starts on or after that day."), field="valid_from"
            )
        former.valid_until = until
        former.save(update_fields=["valid_until", "updated_at"])
        ended.append(former)
    return ended
