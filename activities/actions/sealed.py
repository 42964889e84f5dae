"""Read a sealed file of an event: compliance or an inspector, one file at a time, with a reason on record. PIPL 47."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from activities import permissions
from activities.models import SealedProof
from compliance import actions as law
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError
from pharmacrm.common.files import open_verified


class ProofNotRead(DomainError):
    """The sealed file stays closed."""

    code = "proof_not_read"


@transaction.atomic
def read_sealed_proof(*, sealed_id: UUID, purpose: str, by: User, at: datetime) -> bytes:
    """Return the bytes of a sealed file; who read it and why stands in the ledger.

    Raises: PermissionDenied; ProofNotRead without a purpose; what `open_verified` raises. Source: PIPL 47; PI-08.
    """
    if not permissions.can_read_sealed_proof(by):
        raise PermissionDenied
    if not purpose.strip():
        raise ProofNotRead(_("Say what you need it for."), field="purpose")
    sealed = SealedProof.objects.select_related("file").get(pk=sealed_id)
    with open_verified(sealed.file) as kept:
        content: bytes = kept.read()
    law.record(
        "activities.sealed_proof_read",
        subject=f"doctor:{sealed.doctor_id}",
        by=by,
        at=at,
        reason=purpose.strip(),
    )
    return content
