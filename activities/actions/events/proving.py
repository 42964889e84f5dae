"""Prove an academic event: files, receipts, closing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from activities import permissions
from activities.choices import EventState
from activities.models import (
    Event,
    EventProof,
    Expense,
)
from activities.selectors import events as reads
from compliance import actions as law
from pharmacrm.common.models import StoredFile

from .parts import EventNotMoved, ProofNotAdded, check_move, locked_event, subject_of
from .reading import judge_proof

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

MOST_BYTES = 200 * 1024 * 1024


def add_proof(
    *, event_id: UUID, kind: str, file: StoredFile, name: str, by: User, at: datetime
) -> EventProof:
    """Keep a file as proof. The same bytes at another event open a finding, and are kept all the same.

    Raises: PermissionDenied; ProofNotAdded; FileNotTaken for a PDF under a password; Refused when its words may not
    be stored: the file is kept apart in a case.
    """
    event = Event.objects.get(pk=event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    judge_proof(event, file, name=name, by=by, at=at, max_bytes=MOST_BYTES)
    return _add_proof(event_id=event_id, kind=kind, file=file, name=name, by=by, at=at)


@transaction.atomic
def _add_proof(
    *, event_id: UUID, kind: str, file: StoredFile, name: str, by: User, at: datetime
) -> EventProof:
    event = locked_event(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    if event.state not in {EventState.APPROVED, EventState.RUNNING, EventState.PROOF}:
        raise ProofNotAdded(_("Proof is added between approval and closing."))
    law.refuse_words("event.proof", [name], subject=subject_of(event), by=by, at=at)
    proof, is_new = EventProof.objects.get_or_create(
        event=event,
        kind=kind,
        file=file,
        defaults={"name": name[:120], "added_by": by, "added_at": at},
    )
    if is_new:
        law.record("activities.proof_added", subject=subject_of(event), by=by, at=at, rows=[proof])
        elsewhere = reads.events_with_file(file, but=event)
        if elsewhere:
            law.open_finding(
                kind="duplicate_proof",
                subject=subject_of(event),
                rule="SG-05",
                grade="避免",
                evidence={"file": file.sha256, "events": elsewhere},
                by=by,
                at=at,
            )
    return proof


@transaction.atomic
def submit_expense(
    *,
    event_id: UUID,
    kind: str,
    cost_fen: int,
    people_present: int,
    spent_on: Any,
    payee: str,
    receipt_number: str,
    by: User,
    at: datetime,
    purpose: str = "",
    receipt: StoredFile | None = None,
) -> Expense:
    """Enter one receipt. Units: whole fen.

    Raises: PermissionDenied; ProofNotAdded when the receipt was entered before; Refused with the verdict.
    """
    event = locked_event(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    if event.state not in {EventState.RUNNING, EventState.PROOF}:
        raise ProofNotAdded(_("Costs are entered once the event has begun."))
    law.refuse_words("expense.purpose", [purpose, payee], subject=subject_of(event), by=by, at=at)
    expense = Expense(
        event=event,
        kind=kind,
        cost_fen=cost_fen,
        people_present=people_present,
        spent_on=spent_on,
        payee=payee,
        receipt_number=receipt_number,
        receipt=receipt,
        purpose=purpose,
        submitted_by=by,
    )
    verdict = law.judge(
        "expense.submit", reads.expense_facts(expense), subject=subject_of(event), by=by, at=at
    )
    try:
        with transaction.atomic():
            expense.save()
    except IntegrityError as error:
        raise ProofNotAdded(
            _("Receipt %(number)s was entered before.") % {"number": receipt_number}, field="receipt_number"
        ) from error
    law.record(
        "activities.expense_submitted",
        subject=subject_of(event),
        by=by,
        at=at,
        verdict=verdict,
        rows=[expense],
    )
    return expense


@transaction.atomic
def close_event(*, event_id: UUID, summary: str, safety_answered: bool, by: User, at: datetime) -> Event:
    """Close a proven event.

    Raises: PermissionDenied; EventNotMoved while proof is missing; Refused with the verdict. Source: SP-12.
    """
    event = locked_event(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    check_move(event, EventState.CLOSED)
    law.refuse_words("event.summary", [summary], subject=subject_of(event), by=by, at=at)
    event.summary, event.safety_answered = summary, safety_answered
    facts = reads.event_facts(event, at=at)
    verdict = law.judge("event.close", facts, subject=subject_of(event), by=by, at=at)
    if facts.proof_missing:
        raise EventNotMoved(
            _("Still missing: %(kinds)s.") % {"kinds": ", ".join(reads.proof_words(facts.proof_missing))}
        )
    event.state, event.closed_at = EventState.CLOSED, at
    event.save()
    law.record(
        "activities.event_closed", subject=subject_of(event), by=by, at=at, verdict=verdict, rows=[event]
    )
    return event
