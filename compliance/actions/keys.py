"""Change the key that signs checkpoints: the old one signs the new one, and both stand on record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from compliance.actions.recording import record
from compliance.actions.sealing import anchor_checkpoint, seal
from compliance.log.keys import endorsement
from compliance.log.notes import public_of, verifier_key
from compliance.models import Checkpoint
from compliance.selectors.log import key_folder, latest_checkpoint, published_key, signing_seed
from pharmacrm.common.crypto import retire_key
from pharmacrm.common.errors import DomainError


class KeyNotChanged(DomainError):
    """The signing key was not changed."""

    code = "key_not_changed"


@transaction.atomic
def rotate_ledger_key(*, reason: str, at: datetime, by: Any = None) -> str:
    """Sign what stands with the old key, and everything after it with a new one. Returns: the new published key.

    The old private key stays beside the new one, for the backup; it signs nothing more. Raises: KeyNotChanged without
    a reason or a checkpoint. Source: 21 CFR 11.300 (b), periodic revision.
    """
    if not reason.strip():
        raise KeyNotChanged(_("Say why the key is changed."))
    seal(at=at, sign_now=True, anchor=False)
    last: Checkpoint | None = latest_checkpoint()
    if last is None:
        raise KeyNotChanged(_("The ledger is empty."))
    old_key, old_seed = published_key(), signing_seed()
    folder = key_folder()
    (folder / "keys").mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / "key").exists():
        (folder / "key").write_text(old_key + "\n", encoding="utf-8")
    seed = retire_key("ledger-signing", mark=f"{last.size:012d}")
    new_key = verifier_key(settings.LEDGER_ORIGIN, public_of(seed))
    word = endorsement(settings.LEDGER_ORIGIN, new_key, last.size, old_seed)
    (folder / "keys" / f"{last.size:012d}").write_text(word, encoding="utf-8")
    record("compliance.ledger_key_changed", subject="table:compliance_checkpoint", by=by, at=at, reason=f"{reason.strip()}; {new_key}")  # fmt: skip
    anchor_checkpoint(checkpoint_id=last.pk, at=at)
    return new_key
