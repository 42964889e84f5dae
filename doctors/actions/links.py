"""Links for one doctor each: made by who may reach them, opened by a one-time code, taken back at any time."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.actions.doctors import seal_text
from doctors.choices import ContactKind
from doctors.models import ContactPoint, Doctor, DoctorLink
from doctors.selectors.privacy import open_text
from doctors.selectors.visibility import can_see
from pharmacrm.accounts.models import User
from pharmacrm.common.crypto import blind_index
from pharmacrm.common.errors import DomainError
from pharmacrm.common.outbox import enqueue

LINK_DAYS = 30
CODE_MINUTES = 10
MOST_TRIES = 5


class PageNotOpened(DomainError):
    """The code is not the one that was sent, or its time is over."""

    code = "page_not_opened"


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
def revoke_link(*, link_id: UUID, by: User, at: datetime) -> DoctorLink:
    """Take a link back; it opens nothing any more. Raises: PermissionDenied."""
    link = DoctorLink.objects.select_for_update(of=("self",)).get(pk=link_id)
    if not permissions.can_take_request(by) or not can_see(by, link.doctor_id, localtime(at).date()):
        raise PermissionDenied
    if link.revoked_at is None:
        link.revoked_at = at
        link.save()
        law.record("doctors.link_revoked", subject=f"doctor:{link.doctor_id}", by=by, at=at, rows=[link])
    return link


@transaction.atomic
def send_code(*, link_id: UUID, at: datetime) -> bool:
    """Send a one-time code to the e-mail address on file. Returns: whether there is one.

    The code stands sealed under the doctor's key until the mail has left, and as a keyed hash after that.
    """
    link = DoctorLink.objects.select_for_update(of=("self",)).get(pk=link_id)
    address = ContactPoint.objects.filter(doctor=link.doctor_id, kind=ContactKind.EMAIL, is_active=True)
    if not address.exists():
        return False
    code = _fresh_code(link, at)
    link.code_sealed = seal_text(link.doctor_id, code)
    link.save()
    law.record("doctors.code_given", subject=f"doctor:{link.doctor_id}", by=None, at=at, rows=[link])
    enqueue("doctors.mail_code", link_id=str(link.pk))
    return True


@transaction.atomic
def read_out_code(*, link_id: UUID, by: User, at: datetime) -> str:
    """Return a one-time code to be read out to the doctor on the number on file, by the desk only.

    Raises: PermissionDenied: whoever asks for the doctor's consent must not open the doctor's page.
    """
    link = DoctorLink.objects.select_for_update(of=("self",)).get(pk=link_id)
    if not permissions.can_run_privacy_desk(by):
        raise PermissionDenied
    code = _fresh_code(link, at)
    link.code_sealed = None
    link.save()
    law.record("doctors.code_given", subject=f"doctor:{link.doctor_id}", by=by, at=at, rows=[link])
    return code


def mail_code(*, link_id: UUID, at: datetime) -> bool:
    """Send the mail with a code that waits, then forget the code. Returns: whether one was sent.

    No transaction is open while the mail leaves; a second run finds no code. A mail that fails is tried again.
    """
    link = DoctorLink.objects.filter(pk=link_id).first()
    if link is None or link.code_sealed is None:
        return False
    point = (
        ContactPoint.objects.filter(doctor=link.doctor_id, kind=ContactKind.EMAIL, is_active=True)
        .order_by("-is_preferred", "pk")
        .first()
    )
    sealed = bytes(link.code_sealed)
    code = open_text(link.doctor_id, sealed)
    is_sent = point is not None and bool(code)
    if point is not None and code:
        send_mail(
            "验证码 / Your code",
            f"验证码：{code}（{CODE_MINUTES} 分钟内有效）。如非本人操作请忽略。\n"
            f"Your code is {code}, valid for {CODE_MINUTES} minutes. Ignore this if you did not ask for it.\n",
            None,
            [open_text(link.doctor_id, point.sealed)],
        )
    with transaction.atomic():
        row = DoctorLink.objects.select_for_update(of=("self",)).get(pk=link_id)
        if row.code_sealed is not None and bytes(row.code_sealed) == sealed:
            row.code_sealed = None
            row.save()
            event = "doctors.code_mailed"
            law.record(event, subject=f"doctor:{row.doctor_id}", by=None, at=at, rows=[row])
    return is_sent


def confirm_code(*, link_id: UUID, code: str, at: datetime) -> DoctorLink:
    """Open a doctor's page by its code, once. Raises: PageNotOpened for a wrong, old or used code, and after five tries."""
    with transaction.atomic():
        link = DoctorLink.objects.select_for_update(of=("self",)).get(pk=link_id)
        fits = (
            bool(link.code_hash)
            and link.code_until is not None
            and at < link.code_until
            and link.code_tries < MOST_TRIES
            and hmac.compare_digest(link.code_hash, _hash(link, code.strip()))
        )
        link.code_tries += 1
        if fits:
            link.code_hash, link.code_until, link.code_tries = "", None, 0
        link.save()
        if fits:
            law.record(
                "doctors.link_confirmed", subject=f"doctor:{link.doctor_id}", by=None, at=at, rows=[link]
            )
    if not fits:  # the try stays counted
        raise PageNotOpened(_("This is not the code, or its time is over. Ask for a new one."), field="code")
    return link


def _fresh_code(link: DoctorLink, at: datetime) -> str:
    code = f"{secrets.randbelow(10**6):06d}"
    link.code_hash = _hash(link, code)
    link.code_until, link.code_tries = at + timedelta(minutes=CODE_MINUTES), 0
    return code


def _hash(link: DoctorLink, code: str) -> str:
    return blind_index(code, purpose=f"doctor-link-{link.pk}")[:64]
