"""One operation of a phone's log: its effect and its answer in one transaction, so it happens exactly once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from activities import rules
from activities.choices import OperationKind, OperationStatus
from activities.models import SyncOperation
from compliance import actions as law
from compliance.evaluate import Verdict
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.references import check_references

from . import payloads
from .errors import OperationConflict, OperationNotUnderstood
from .inquiries import ask_medical
from .needs import add_follow_up, capture_need
from .planning import cancel_visit, plan_visit, start_visit
from .safety import report_safety_event
from .visits import save_visit, submit_visit

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

VERSIONS = (1,)
MOST_OPERATIONS = 100
OFFLINE_AFTER = timedelta(minutes=2)


@dataclass(frozen=True)
class Operation:
    """One line of a phone's log. `offset_ms`: the server's clock less the phone's at their last contact."""

    op_id: UUID
    kind: str
    payload: dict[str, Any]
    version: int = 1
    made_at: datetime | None = None
    sent_at: datetime | None = None
    offset_ms: int | None = None


@dataclass(frozen=True)
class Receipt:
    """What the phone gets for an operation, each time the same."""

    number: int
    op_id: UUID
    status: str
    answer: dict[str, Any]
    is_repeat: bool = False


def sync_operation(*, operation: Operation, by: User, at: datetime) -> Receipt:
    """Carry out one operation of a person's phone, or give its first answer again.

    A refusal is recorded and becomes the answer; so does an operation that cannot be understood, which the phone
    shows and keeps as a file. Raises: OperationConflict when the key came with other content.
    Cost: one transaction; a second arrival at the same moment waits for the first.
    Source: exactly once by key and stored answer in the transaction of the effect (Replicache, lastMutationID).
    """
    digest = _digest_of(operation)
    try:
        with transaction.atomic():
            row, created = SyncOperation.objects.select_for_update(of=("self",)).get_or_create(
                user=by,
                op_id=operation.op_id,
                defaults={
                    "kind": operation.kind[:20],
                    "request_sha256": digest,
                    "device_at": operation.made_at,
                    "received_at": at,
                },
            )
            if created:
                row.status, row.answer = _carry_out(operation, by=by, at=at)
                row.save(update_fields=["status", "answer"])
    except IntegrityError:
        # Another row's constraint met a rival in the same moment: the phone keeps the operation and asks again.
        raise OperationConflict(
            _("Somebody changed the same record at this moment. It will be sent again.")
        ) from None
    if row.request_sha256 != digest:
        raise OperationConflict(_("This operation came before with other content."))
    return Receipt(row.pk, row.op_id, row.status, row.answer, is_repeat=not created)


def _carry_out(operation: Operation, *, by: User, at: datetime) -> tuple[str, dict[str, Any]]:
    try:
        if operation.version not in VERSIONS:
            raise OperationNotUnderstood(_("This app is too new for the server, or too old."))
        effect = EFFECTS.get(operation.kind)
        if effect is None:
            raise OperationNotUnderstood(_("This kind of operation is not known."))
        with transaction.atomic(), law.reasons_given(payloads.reasons(operation.payload)):
            answer = effect(operation, by, at)
            check_references()
            return OperationStatus.DONE, answer
    except Refused as refusal:
        law.record_refused(refusal, by=by, at=at)
        return OperationStatus.REFUSED, {"verdict": verdict_words(refusal.verdict)}
    except DomainError as error:
        return OperationStatus.REJECTED, {"code": error.code, "detail": error.message, "field": error.field}
    except (PermissionDenied, ObjectDoesNotExist):
        return OperationStatus.REJECTED, {
            "code": "not_allowed",
            "detail": str(_("You cannot do this any more. Export it and ask your manager.")),
            "field": None,
        }


def verdict_words(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as the phone shows it: both languages, rule, grade, clauses, what instead."""
    return {
        "id": verdict.id,
        "breached": verdict.breached,
        "refusals": [
            {
                "rule": refusal.rule,
                "grade": refusal.grade,
                "message": refusal.message,
                "instead": refusal.instead,
                "instead_url": refusal.instead_url,
                "blocks": refusal.blocks,
                "sources": [
                    {
                        "instrument": source.instrument,
                        "clause": source.clause,
                        "confidence": source.confidence,
                    }
                    for source in refusal.sources
                ],
            }
            for refusal in verdict.refusals
        ],
    }


def _visit_answer(visit) -> dict[str, Any]:
    return {"visit": str(visit.pk), "state": visit.state, "in_breach": visit.in_breach}


def _submit(operation: Operation, by: User, at: datetime) -> dict[str, Any]:
    return _visit_answer(submit_visit(report=_report(operation, at), by=by, at=at))


def _save(operation: Operation, by: User, at: datetime) -> dict[str, Any]:
    return _visit_answer(save_visit(report=_report(operation, at), by=by, at=at))


def _plan(operation: Operation, by: User, at: datetime) -> dict[str, Any]:
    plan = payloads.visit_plan(operation.payload, op_id=operation.op_id)
    return _visit_answer(plan_visit(plan=plan, by=by, at=at))


def _start(operation: Operation, by: User, at: datetime) -> dict[str, Any]:
    visit_id = payloads.key(operation.payload, "visit_id")
    return _visit_answer(start_visit(visit_id=visit_id, by=by, at=at))


def _cancel(operation: Operation, by: User, at: datetime) -> dict[str, Any]:
    visit_id = payloads.key(operation.payload, "visit_id")
    return _visit_answer(cancel_visit(visit_id=visit_id, by=by, at=at))


def _safety(operation: Operation, by: User, at: datetime) -> dict[str, Any]:
    notice = payloads.safety_notice(
        operation.payload, op_id=operation.op_id, is_clock_unproven=not _is_proven(operation, at), at=at
    )
    report = report_safety_event(notice=notice, by=by, at=at)
    return {
        "safety": str(report.pk),
        "number": report.number,
        "hand_over_due_at": report.hand_over_due_at.isoformat(),
        "handed_over": report.handed_over_at is not None,
    }


def _need(operation: Operation, by: User, at: datetime) -> dict[str, Any]:
    need = capture_need(
        doctor_id=payloads.key(operation.payload, "doctor_id"),
        question=payloads.text(operation.payload, "question"),
        need_id=operation.op_id,
        by=by,
        at=at,
    )
    return {"need": str(need.pk)}


def _ask(operation: Operation, by: User, at: datetime) -> dict[str, Any]:
    inquiry = ask_medical(question=payloads.question(operation.payload, op_id=operation.op_id), by=by, at=at)
    return {"inquiry": str(inquiry.pk), "due_at": inquiry.due_at.isoformat()}


def _follow_up(operation: Operation, by: User, at: datetime) -> dict[str, Any]:
    row = add_follow_up(
        doctor_id=payloads.key(operation.payload, "doctor_id"),
        text=payloads.text(operation.payload, "text"),
        due_on=payloads.day(operation.payload, "due_on"),
        follow_up_id=operation.op_id,
        by=by,
        at=at,
    )
    return {"follow_up": str(row.pk)}


EFFECTS: dict[str, Callable[[Operation, Any, datetime], dict[str, Any]]] = {
    OperationKind.VISIT_SUBMIT: _submit,
    OperationKind.VISIT_SAVE: _save,
    OperationKind.VISIT_PLAN: _plan,
    OperationKind.VISIT_START: _start,
    OperationKind.VISIT_CANCEL: _cancel,
    OperationKind.SAFETY_REPORT: _safety,
    OperationKind.NEED_CAPTURE: _need,
    OperationKind.INQUIRY_ASK: _ask,
    OperationKind.FOLLOW_UP_ADD: _follow_up,
}


def _report(operation: Operation, at: datetime):
    return payloads.visit_report(
        operation.payload,
        op_id=operation.op_id,
        device_saved_at=operation.made_at,
        was_offline=operation.made_at is not None and at - operation.made_at > OFFLINE_AFTER,
        is_clock_unproven=not _is_proven(operation, at),
    )


def _is_proven(operation: Operation, at: datetime) -> bool:
    """The clock agreed when the operation was made, and agrees now that it is sent."""
    if operation.made_at is None:
        return True
    then = None if operation.offset_ms is None else operation.offset_ms / 1000
    now = (at - operation.sent_at).total_seconds() if operation.sent_at else None
    return rules.is_clock_proven(offset_seconds=then) and (
        now is None or rules.is_clock_proven(offset_seconds=now)
    )


def _digest_of(operation: Operation) -> str:
    """What has to be the same when an operation comes again; the moment of sending is not part of it."""
    body = {
        "kind": operation.kind,
        "version": operation.version,
        "made_at": operation.made_at.isoformat() if operation.made_at else None,
        "payload": operation.payload,
    }
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def read_operations(body: Any) -> list[Operation]:
    """Read the envelope of a phone's log. Raises: ValueError, TypeError, KeyError on any other shape."""
    rows = body["operations"]
    if not isinstance(rows, list) or len(rows) > MOST_OPERATIONS:
        raise ValueError("operations")
    sent_at = payloads.moment(body.get("sent_at"))
    return [_operation_of(row, sent_at) for row in rows]


def answer_operations(operations: list[Operation], *, by: User, at: datetime) -> list[dict[str, Any]]:
    """Carry operations out one by one. Returns: an answer for each, up to the first fault of ours."""
    answers: list[dict[str, Any]] = []
    for operation in operations:
        try:
            receipt = sync_operation(operation=operation, by=by, at=at)
        except OperationConflict as error:
            answers.append(
                {
                    "op_id": str(operation.op_id),
                    "status": "rejected",
                    "receipt": None,
                    "answer": {"code": error.code, "detail": error.message, "field": None},
                }
            )
            continue
        answers.append(
            {
                "op_id": str(receipt.op_id),
                "status": receipt.status,
                "receipt": receipt.number,
                "answer": receipt.answer,
            }
        )
    return answers


def _operation_of(row: Any, sent_at: Any) -> Operation:
    clock = row.get("clock") or {}
    offset = clock.get("offset_ms")
    return Operation(
        op_id=UUID(row["op_id"]),
        kind=str(row["kind"])[:40],
        payload=row["payload"] if isinstance(row["payload"], dict) else {},
        version=row.get("v") if isinstance(row.get("v"), int) else 0,
        made_at=payloads.moment(row.get("made_at")),
        sent_at=sent_at,
        offset_ms=offset if isinstance(offset, int) else None,
    )
