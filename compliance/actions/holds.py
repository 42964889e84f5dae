"""Holds: one action stops a subject, and everything resting on it, at every door."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from compliance import permissions
from compliance import subjects as things
from compliance.actions.recording import record
from compliance.actions.signing import SignatureProof, sign
from compliance.models import Case, Hold, HoldSubject
from compliance.selectors.holds import lock_keys
from pharmacrm.common.errors import DomainError


class HoldNotPlaced(DomainError):
    """The hold lacks a subject or a reason; nothing has changed."""

    code = "hold_not_placed"


class HoldNotLifted(DomainError):
    """The hold stays in force; nothing has changed."""

    code = "hold_not_lifted"


@transaction.atomic
def place_hold(
    *, subjects: Sequence[str], reason: str, by: Any, at: datetime, case: Case | None = None
) -> Hold:
    """Stop the subjects everywhere from now on. `by` is None when the system stops them.

    Two holds on one subject stand side by side; each is lifted on its own. Waits for acts that have already
    asked whether the subject is held, so no act begun before the hold commits after it. Keeps with the hold
    what rested on its subjects at that moment.
    Raises: PermissionDenied; HoldNotPlaced without subject or reason. In every case nothing has changed.
    """
    named = sorted({name for subject in subjects if subject for name in things.also_named(subject)})
    if by is not None and not permissions.can_place_hold(by):
        raise PermissionDenied
    if not named:
        raise HoldNotPlaced(_("Say what has to stop."), field="subjects")
    if not all(kind and key for kind, _colon, key in (subject.partition(":") for subject in named)):
        raise HoldNotPlaced(_("A subject is written as kind:key."), field="subjects")
    if not reason.strip():
        raise HoldNotPlaced(_("Say why it has to stop."), field="reason")
    with connection.cursor() as cursor:
        for key in lock_keys(named):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
    reach = [{**asdict(line), "subjects": list(line.subjects)} for line in things.resting_on(named, at)]
    hold = Hold.objects.create(reason=reason.strip(), placed_by=by, placed_at=at, case=case, reach=reach)
    rows = [HoldSubject.objects.create(hold=hold, subject=subject) for subject in named]
    record("compliance.hold_placed", subject=named[0], by=by, at=at, reason=hold.reason, rows=[hold, *rows])
    return hold


@transaction.atomic
def lift_hold(
    *, hold_id: UUID, reason: str, by: Any, at: datetime, proof: SignatureProof | None = None
) -> Hold:
    """Lift a hold by a signed decision; what another hold stops stays stopped.

    Raises: PermissionDenied; HoldNotLifted when it was lifted before, has no reason or no signature; what `sign`
    raises. In every case nothing has changed. Cost: one row lock.
    """
    hold = Hold.objects.select_for_update().get(pk=hold_id)
    if not permissions.can_lift_hold(by):
        raise PermissionDenied
    if hold.lifted_at is not None:
        raise HoldNotLifted(_("This hold was already lifted."))
    if not reason.strip():
        raise HoldNotLifted(_("Say why it may go on."), field="reason")
    if proof is None:
        raise HoldNotLifted(_("A hold is lifted by signature. Enter your password."), field="password")
    named = sorted(hold.subjects.values_list("subject", flat=True))
    hold.lift_signature = sign(
        subject=f"hold:{hold.pk}",
        content_sha256=hold_fingerprint(hold, named),
        meaning="hold_lifted",
        by=by,
        at=at,
        proof=proof,
    )
    hold.lifted_by, hold.lifted_at, hold.lift_reason = by, at, reason.strip()
    hold.save()
    record(
        "compliance.hold_lifted",
        subject=named[0],
        by=by,
        at=at,
        reason=hold.lift_reason,
        rows=[hold, hold.lift_signature],
    )
    return hold


def hold_fingerprint(hold: Hold, subjects: Sequence[str]) -> str:
    """Return the SHA-256 of what a lifting signature stands under."""
    said = {"hold": str(hold.pk), "reason": hold.reason, "subjects": list(subjects)}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
