"""Signatures given, and whether they still hold."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC

from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from compliance.models import Signature
from pharmacrm.common.crypto import installation_key


def signatures_of(subject: str) -> QuerySet[Signature]:
    """Return the signatures under a subject, oldest first. Cost: one query; the signer is joined in."""
    return Signature.objects.filter(subject=subject).select_related("signer").order_by("signed_at", "id")


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
