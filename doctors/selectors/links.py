"""Links for doctors: their address, whether they hold, and the ways a code reaches a doctor."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core import signing

from doctors.choices import CodeChannel, ContactKind
from doctors.models import ContactPoint, DoctorLink
from doctors.rules.requests import LINK_DAYS
from pharmacrm.common.texting import can_text

LINK_SALT = "doctors.page"
CODE_KINDS = {CodeChannel.EMAIL: ContactKind.EMAIL, CodeChannel.SMS: ContactKind.MOBILE}


class LinkOver(ValueError):
    """The address was one of ours, and its time is over."""


class NoLink(ValueError):
    """The address was never one of ours."""


def token_of(link: DoctorLink) -> str:
    """Return the last part of a link's address: signed, so that none can be guessed."""
    return signing.dumps(str(link.pk), salt=LINK_SALT)


def link_by_token(token: str, at: datetime) -> DoctorLink:
    """Return the link an address belongs to, locked ones too. Raises: NoLink; LinkOver. Cost: one query."""
    try:
        key = signing.loads(token, salt=LINK_SALT, max_age=(LINK_DAYS + 1) * 86400)
    except signing.SignatureExpired:
        raise LinkOver from None
    except signing.BadSignature:
        raise NoLink from None
    link = DoctorLink.objects.filter(pk=key, revoked_at__isnull=True, valid_until__gt=at).first()
    if link is None:
        raise LinkOver
    return link


def links_of_doctor(doctor_id: UUID, at: datetime) -> list[DoctorLink]:
    """Return the links of a doctor that still hold, newest first."""
    return list(
        DoctorLink.objects.filter(doctor_id=doctor_id, revoked_at__isnull=True, valid_until__gt=at)
        .select_related("made_by")
        .order_by("-created_at")
    )


def code_channels(doctor_id: UUID) -> list[CodeChannel]:
    """Return by which channels a code can be sent to a doctor, the preferred first; empty means reading it out.

    Cost: one query.
    """
    kinds = {kind: channel for channel, kind in CODE_KINDS.items()}
    if not can_text():
        kinds.pop(ContactKind.MOBILE)
    found = (
        ContactPoint.objects.filter(doctor_id=doctor_id, kind__in=list(kinds), is_active=True)
        .order_by("-is_preferred", "kind", "pk")
        .values_list("kind", flat=True)
    )
    return list(dict.fromkeys(kinds[ContactKind(kind)] for kind in found))
