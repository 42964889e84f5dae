"""Guidelines and consensus papers a doctor helped to write, from public sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.actions.scoring.touched import touch_doctors
from doctors.choices import GuidelineRole, PostLevel
from doctors.models import Doctor, GuidelineWork
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError

FIRST_YEAR = 1950


class GuidelineNotSaved(DomainError):
    """The guideline work was not kept; nothing has changed."""

    code = "guideline_not_saved"


@dataclass(frozen=True)
class Guideline:
    """One guideline and the part a doctor had in it."""

    title: str
    issuer: str
    year: int
    role: str
    level: str = PostLevel.NATIONAL
    source_url: str = ""


@transaction.atomic
def add_guideline_work(*, doctor_id: UUID, work: Guideline, by: User, at: datetime) -> GuidelineWork:
    """Write down a doctor's part in a guideline; the same guideline of the same year is kept once.

    Raises: PermissionDenied; GuidelineNotSaved without title or issuer, for a year to come, or one kept already.
    """
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    doctor = Doctor.objects.select_for_update().get(pk=doctor_id)
    values = _checked(work, localtime(at).year)
    row = GuidelineWork(doctor=doctor, **values)
    _save(row)
    return _record(row, "doctors.guideline_added", "", by=by, at=at)


@transaction.atomic
def correct_guideline_work(
    *, work_id: UUID, work: Guideline, reason: str, by: User, at: datetime
) -> GuidelineWork:
    """Correct what is said of a doctor's part in a guideline, with the reason. Raises: as `add_guideline_work`."""
    row = _held(work_id, reason, by)
    for name, value in _checked(work, localtime(at).year).items():
        setattr(row, name, value)
    _save(row)
    return _record(row, "doctors.guideline_corrected", reason, by=by, at=at)


@transaction.atomic
def end_guideline_work(*, work_id: UUID, reason: str, by: User, at: datetime) -> GuidelineWork:
    """Take a doctor's part in a guideline back, with the reason; the row stays. Raises: PermissionDenied; GuidelineNotSaved."""
    row = _held(work_id, reason, by)
    row.ended_at, row.end_reason = at, reason.strip()[:200]
    row.save(update_fields=["ended_at", "end_reason", "updated_at"])
    return _record(row, "doctors.guideline_ended", reason, by=by, at=at)


def _held(work_id: UUID, reason: str, by: User) -> GuidelineWork:
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    if not reason.strip():
        raise GuidelineNotSaved(_("Say why."), field="reason")
    row = GuidelineWork.objects.select_for_update().get(pk=work_id)
    if row.ended_at is not None:
        raise GuidelineNotSaved(_("This was taken back already."))
    return row


def _checked(work: Guideline, this_year: int) -> dict[str, str | int]:
    title, issuer = " ".join(work.title.split())[:200], " ".join(work.issuer.split())[:120]
    if not title or not issuer:
        raise GuidelineNotSaved(_("A guideline needs its title and who issued it."), field="title")
    if not FIRST_YEAR <= work.year <= this_year:
        raise GuidelineNotSaved(
            _("The year lies between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": this_year},
            field="year",
        )
    if work.role not in GuidelineRole.values or work.level not in PostLevel.values:
        raise GuidelineNotSaved(_("This value is not on the list."), field="role")
    if work.source_url.strip() and not work.source_url.strip().startswith(("https://", "http://")):
        raise GuidelineNotSaved(_("The public source is a web address."), field="source_url")
    return {
        "title": title,
        "issuer": issuer,
        "year": work.year,
        "role": work.role,
        "level": work.level,
        "source_url": work.source_url.strip(),
    }


def _save(row: GuidelineWork) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        raise GuidelineNotSaved(
            _("This guideline is on record for the doctor already."), field="title"
        ) from clash


def _record(row: GuidelineWork, event: str, reason: str, *, by: User, at: datetime) -> GuidelineWork:
    touch_doctors([row.doctor_id], at=at)
    law.record(event, subject=f"doctor:{row.doctor_id}", by=by, at=at, reason=reason.strip(), rows=[row])
    return row
