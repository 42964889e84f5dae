"""Links for one doctor each: made by who may reach them, opened by a one-time code, taken back at any time."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.models import Doctor, DoctorLink, ExplanationLink
from doctors.rules.requests import LINK_DAYS, MOST_WRONG_CODES
from doctors.selectors.visibility import can_see
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError


class LinkNotTakenBack(DomainError):
    """The link stays as it is."""

    code = "link_not_taken_back"


@transaction.atomic
def make_link(*, doctor_id: UUID, by: User, at: datetime) -> DoctorLink:
    """Make a link for one doctor; it ends after a month. Raises: PermissionDenied for who may not reach the doctor."""
    if not permissions.can_take_request(by) or not can_see(by, doctor_id, localtime(at).date()):
        raise PermissionDenied
    doctor = Doctor.objects.get(pk=doctor_id)
    link = DoctorLink.objects.create(doctor=doctor, made_by=by, valid_until=at + timedelta(days=LINK_DAYS))
    law.record("doctors.link_made", subject=f"doctor:{doctor_id}", by=by, at=at, rows=[link])
    return link


@transaction.atomic
def revoke_link(*, link_id: UUID, reason: str, by: User, at: datetime) -> DoctorLink:
    """Take a link back; it opens nothing any more. Raises: PermissionDenied; LinkNotTakenBack without a reason."""
    link = DoctorLink.objects.select_for_update(of=("self",)).get(pk=link_id)
    if not permissions.can_take_request(by) or not can_see(by, link.doctor_id, localtime(at).date()):
        raise PermissionDenied
    if not reason.strip():
        raise LinkNotTakenBack(_("Please give the reason."), field="reason")
    if link.revoked_at is None:
        link.revoked_at = at
        link.save()
        law.record(
            "doctors.link_revoked", subject=f"doctor:{link.doctor_id}", by=by, at=at, reason=reason.strip(), rows=[link]
        )  # fmt: skip
    return link


@transaction.atomic
def carry_over_link(*, token: str, at: datetime) -> DoctorLink | None:
    """Return the doctor's link that stands for an address of the page for explanations alone; None where it has ended.

    Made once, for as long as the old address was to hold; its code is asked for anew on the page.
    """
    old = (
        ExplanationLink.objects.select_for_update(of=("self",))
        .select_related("issued_by")
        .filter(
            token_digest=hashlib.sha256(token.encode()).hexdigest(),
            expires_at__gt=at,
            failures__lt=MOST_WRONG_CODES,
        )
        .first()
    )
    if old is None:
        return None
    link, is_new = DoctorLink.objects.get_or_create(
        pk=old.pk,
        defaults={"doctor_id": old.doctor_id, "made_by": old.issued_by, "valid_until": old.expires_at},
    )
    if is_new:
        subject = f"doctor:{old.doctor_id}"
        law.record("doctors.link_made", subject=subject, by=old.issued_by, at=at, rows=[link])
    return link
