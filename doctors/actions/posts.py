"""Seats of a doctor in societies, journals and guideline groups, from public sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.actions.scoring.touched import touch_doctors
from doctors.choices import AcademicRole, PostLevel
from doctors.models import AcademicPost, Doctor
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError


class PostNotSaved(DomainError):
    """The academic post was not kept; nothing has changed."""

    code = "post_not_saved"


@dataclass(frozen=True)
class Seat:
    """One seat as a public source tells of it."""

    organisation: str
    role: str
    level: str
    source_url: str = ""
    valid_from: date | None = None


@transaction.atomic
def add_academic_post(*, doctor_id: UUID, seat: Seat, by: User, at: datetime) -> AcademicPost:
    """Add a seat in a society, journal or guideline group; one held already is returned.

    Raises: PermissionDenied; PostNotSaved without the organisation, off the lists, or for a day to come.
    """
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    values = _checked(seat, localtime(at).date())
    doctor = Doctor.objects.select_for_update().get(pk=doctor_id)
    key = {name: values.pop(name) for name in ("organisation", "role")}
    held, is_new = AcademicPost.objects.get_or_create(doctor=doctor, valid_until=None, **key, defaults=values)
    return _record(held, "doctors.academic_post_added", "", by=by, at=at) if is_new else held


@transaction.atomic
def correct_academic_post(*, post_id: UUID, seat: Seat, reason: str, by: User, at: datetime) -> AcademicPost:
    """Correct what is said of a seat, with the reason. Raises: PermissionDenied; PostNotSaved."""
    post = _held(post_id, reason, by)
    for name, value in _checked(seat, localtime(at).date()).items():
        setattr(post, name, value)
    try:
        with transaction.atomic():
            post.save()
    except IntegrityError as clash:
        raise PostNotSaved(_("The doctor holds this seat already."), field="organisation") from clash
    return _record(post, "doctors.academic_post_corrected", reason, by=by, at=at)


@transaction.atomic
def end_academic_post(
    *, post_id: UUID, reason: str, by: User, at: datetime, until: date | None = None
) -> AcademicPost:
    """End a seat, today or on the first day on which it was held no more, with the reason; the row stays.

    Raises: PermissionDenied; PostNotSaved, also for a day to come or before the seat began.
    """
    post = _held(post_id, reason, by)
    today = localtime(at).date()
    last = until or today
    if last > today or (post.valid_from and last < post.valid_from):
        raise PostNotSaved(_("The day lies between its beginning and today."), field="until")
    post.valid_until = last
    post.save(update_fields=["valid_until", "updated_at"])
    return _record(post, "doctors.academic_post_ended", reason, by=by, at=at)


def _held(post_id: UUID, reason: str, by: User) -> AcademicPost:
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    if not reason.strip():
        raise PostNotSaved(_("Say why."), field="reason")
    post = AcademicPost.objects.select_for_update().get(pk=post_id)
    if post.valid_until is not None:
        raise PostNotSaved(_("This seat has ended already."))
    return post


def _checked(seat: Seat, today: date) -> dict[str, object]:
    organisation = " ".join(seat.organisation.split())[:120]
    if not organisation:
        raise PostNotSaved(_("Say which society, journal or group it is."), field="organisation")
    if seat.role not in AcademicRole.values or seat.level not in PostLevel.values:
        raise PostNotSaved(_("This value is not on the list."), field="role")
    if seat.valid_from and seat.valid_from > today:
        raise PostNotSaved(_("A seat is written down once it is held."), field="valid_from")
    if seat.source_url.strip() and not seat.source_url.strip().startswith(("https://", "http://")):
        raise PostNotSaved(_("The public source is a web address."), field="source_url")
    return {
        "organisation": organisation,
        "role": seat.role,
        "level": seat.level,
        "source_url": seat.source_url.strip(),
        "valid_from": seat.valid_from,
    }


def _record(post: AcademicPost, event: str, reason: str, *, by: User, at: datetime) -> AcademicPost:
    touch_doctors([post.doctor_id], at=at)
    law.record(event, subject=f"doctor:{post.doctor_id}", by=by, at=at, reason=reason.strip(), rows=[post])
    return post
