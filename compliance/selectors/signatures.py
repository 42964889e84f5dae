"""Signatures given, and whether they still hold."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from compliance.models import Signature
from pharmacrm.common.crypto import installation_key


def signatures_of(subject: str) -> QuerySet[Signature]:
    """Return the signatures under a subject, oldest first. Cost: one query; the signer is joined in."""
    return Signature.objects.filter(subject=subject).select_related("signer").order_by("signed_at", "id")


@dataclass(frozen=True)
class Stamp:
    """A signature as it stands on paper and in answers: name, post, meaning, moment in its own zone, content. Source: 21 CFR 11.50."""

    printed_name: str
    job_title: str
    meaning: str
    signed_at: str
    time_zone: str
    content_sha256: str
    is_untouched: bool

    @property
    def line(self) -> str:
        """One line for a printed page, in the digits and letters of both languages."""
        who = f"{self.printed_name}, {self.job_title}" if self.job_title else self.printed_name
        return f"{who}; {self.meaning}; {self.signed_at} {self.time_zone}; sha256 {self.content_sha256}"


def stamp_of(signature: Signature, meaning: str = "") -> Stamp:
    """Return a signature's stamp; `meaning` words it for a page, else its own name stands. Its moment shows seconds and offset."""
    moment = signature.signed_at.astimezone(ZoneInfo(signature.time_zone))
    return Stamp(
        printed_name=signature.printed_name,
        job_title=signature.job_title,
        meaning=meaning or signature.meaning,
        signed_at=moment.isoformat(timespec="seconds"),
        time_zone=signature.time_zone,
        content_sha256=signature.content_sha256,
        is_untouched=is_untouched(signature),
    )


def stamps_of(subject: str) -> list[Stamp]:
    """Return the stamps of all signatures under a subject, oldest first. Cost: one query."""
    return [stamp_of(one) for one in signatures_of(subject)]


def is_valid(signature: Signature, content_sha256: str) -> bool:
    """Return whether a signature is untouched and stands under exactly this content. Source: 21 CFR 11.70."""
    same_content = constant_time_compare(signature.content_sha256, content_sha256)
    return same_content and constant_time_compare(signature.mac, mac_of(signature))


def is_untouched(signature: Signature) -> bool:
    """Return whether the row still says what was signed; what it stands under its own page compares."""
    return constant_time_compare(signature.mac, mac_of(signature))


def mac_of(signature: Signature) -> str:
    """Return the seal over everything a signature says: HMAC-SHA-256 with a key kept outside the database."""
    said = (
        str(signature.pk),
        signature.subject,
        signature.content_sha256,
        signature.meaning,
        str(signature.signer_id),
        signature.printed_name,
        signature.job_title,
        signature.signed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        signature.time_zone,
        str(signature.method),
    )
    sealed = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in said)
    return hmac.new(installation_key("signatures"), sealed, hashlib.sha256).hexdigest()
