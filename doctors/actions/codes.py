"""One-time codes for a doctor's page: sent to a contact point on file, or read out where none can be reached."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.actions.doctors import seal_text
from doctors.choices import CodeChannel, ContactKind, DoctorLanguage
from doctors.models import ContactPoint, DoctorLink
from doctors.rules.requests import CODE_MINUTES
from doctors.selectors.academic import language_for
from doctors.selectors.links import CODE_KINDS, code_channels
from doctors.selectors.privacy import open_text
from pharmacrm.accounts.models import User
from pharmacrm.common.crypto import blind_index
from pharmacrm.common.errors import DomainError
from pharmacrm.common.outbox import enqueue
from pharmacrm.common.texting import send_text


class PageNotOpened(DomainError):
    """The code is not the one that was sent, its time is over, or the link is locked."""

    code = "page_not_opened"


@transaction.atomic
def send_code(*, link_id: UUID, channel: str, at: datetime) -> DoctorLink:
    """Send a one-time code to the doctor's contact point of a channel, as the doctor asks for on the page.

    The code stands sealed under the doctor's key until the message has left, and as a keyed hash after that.
    Raises: PageNotOpened where no contact point of the channel is on file, and for a locked link.
    """
    link = DoctorLink.objects.select_for_update(of=("self",)).get(pk=link_id)
    _refuse_locked(link)
    if channel not in code_channels(link.doctor_id):
        raise PageNotOpened(_("We hold no address for this way. Choose another, or have the code read out."))
    code = _fresh_code(link, channel, at)
    link.code_sealed = seal_text(link.doctor_id, code)
    link.save()
    law.record("doctors.code_given", subject=f"doctor:{link.doctor_id}", by=None, at=at, rows=[link])
    enqueue("doctors.send_code", link_id=str(link.pk))
    return link


@transaction.atomic
def read_out_code(*, link_id: UUID, by: User, at: datetime) -> str:
    """Return a one-time code to be read out to the doctor on the number on file, by the desk only.

    Raises: PermissionDenied: whoever asks for the doctor's consent must not open the doctor's page; PageNotOpened.
    """
    link = DoctorLink.objects.select_for_update(of=("self",)).get(pk=link_id)
    if not permissions.can_run_privacy_desk(by):
        raise PermissionDenied
    _refuse_locked(link)
    code = _fresh_code(link, CodeChannel.READ_OUT, at)
    link.code_sealed, link.code_sent_at = None, at
    link.save()
    law.record("doctors.code_given", subject=f"doctor:{link.doctor_id}", by=by, at=at, rows=[link])
    return code


def deliver_code(*, link_id: UUID, at: datetime) -> bool:
    """Hand a code that waits to its channel, then forget it. Returns: whether one was sent.

    No transaction may be open while the message leaves. A second run finds no code; a code past its time is not sent.
    Raises: OSError where mail server or gateway did not take it; the code waits for the next run.
    """
    link = DoctorLink.objects.filter(pk=link_id).first()
    if link is None or link.code_sealed is None:
        return False
    sealed = bytes(link.code_sealed)
    code, address = open_text(link.doctor_id, sealed), _address(link)
    is_sent = bool(code and address and link.code_until and at < link.code_until)
    if is_sent:
        _send(link.code_channel, address, code, language_for(link.doctor_id))
    with transaction.atomic():
        row = DoctorLink.objects.select_for_update(of=("self",)).get(pk=link_id)
        if row.code_sealed is not None and bytes(row.code_sealed) == sealed:
            row.code_sealed, row.code_sent_at = None, at if is_sent else None
            row.save()
            event = "doctors.code_sent" if is_sent else "doctors.code_not_sent"
            law.record(event, subject=f"doctor:{row.doctor_id}", by=None, at=at, rows=[row])
    return is_sent


def confirm_code(*, link_id: UUID, code: str, at: datetime) -> DoctorLink:
    """Open a doctor's page by its code, once. A wrong code is counted and kept, though it opens nothing.

    Raises: PageNotOpened for a wrong, old or used code; five wrong ones in a row lock the link.
    """
    with transaction.atomic():
        link = DoctorLink.objects.select_for_update(of=("self",)).get(pk=link_id)
        _refuse_locked(link)
        is_live = bool(link.code_hash) and link.code_until is not None and at < link.code_until
        fits = is_live and hmac.compare_digest(link.code_hash, _hash(link, code.strip()))
        if fits:
            link.code_hash, link.code_until, link.code_tries = "", None, 0
            event = "doctors.link_confirmed"
        else:
            link.code_tries += is_live  # where no code is out there is nothing to be guessed
            event = "doctors.link_locked" if link.is_locked else "doctors.code_wrong"
        if is_live:
            link.save()
            law.record(event, subject=f"doctor:{link.doctor_id}", by=None, at=at, rows=[link])
    if not is_live:
        raise PageNotOpened(_("No code is under way. Ask for a new one."), field="code")
    if not fits:  # the try stays counted
        _refuse_locked(link)
        raise PageNotOpened(_("This is not the code. Look again, or ask for a new one."), field="code")
    return link


def _refuse_locked(link: DoctorLink) -> None:
    if link.is_locked:
        raise PageNotOpened(_("Five wrong codes have locked this link. Ask for a new link."), field="code")


def _address(link: DoctorLink) -> str:
    point = (
        ContactPoint.objects.filter(
            doctor=link.doctor_id, kind=CODE_KINDS[CodeChannel(link.code_channel)], is_active=True
        )
        .order_by("-is_preferred", "pk")
        .first()
    )
    return open_text(link.doctor_id, point.sealed) if point else ""


def _send(channel: str, address: str, code: str, language: str | None) -> None:
    subject, text = _words(code, language)
    if CODE_KINDS[CodeChannel(channel)] == ContactKind.EMAIL:
        send_mail(subject, text, None, [address])
    else:
        send_text(address, text)


def _words(code: str, language: str | None) -> tuple[str, str]:
    """Return subject and text in the language the doctor prefers, in both where they did not say."""
    zh = ("验证码", f"验证码：{code}（{CODE_MINUTES} 分钟内有效）。如非本人操作请忽略。\n")
    en = (
        "Your code",
        f"Your code is {code}, valid for {CODE_MINUTES} minutes. Ignore this if you did not ask for it.\n",
    )
    preferred = {str(DoctorLanguage.CHINESE): [zh], str(DoctorLanguage.ENGLISH): [en]}
    said = preferred.get(language or "", [zh, en])
    return " / ".join(subject for subject, _text in said), "".join(text for _subject, text in said)


def _fresh_code(link: DoctorLink, channel: str, at: datetime) -> str:
    code = f"{secrets.randbelow(10**6):06d}"
    link.code_hash = _hash(link, code)
    link.code_channel, link.code_sent_at = channel, None
    link.code_until = at + timedelta(minutes=CODE_MINUTES)
    return code


def _hash(link: DoctorLink, code: str) -> str:
    return blind_index(code, purpose=f"doctor-link-{link.pk}")[:64]
