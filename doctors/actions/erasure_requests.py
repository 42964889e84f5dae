"""An erasure takes two signatures: the desk decides and signs, another officer signs, then it is carried out."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.choices import ApprovalState, ApprovalVerb
from compliance.flows import Answer as ApprovalAnswer
from compliance.flows import Decision, Signed
from compliance.selectors.approvals import open_request
from doctors import permissions
from doctors.actions.erasing import erase_doctor
from doctors.actions.request_parts import (
    Answer,
    RequestNotMoved,
    facts_of,
    request_subject,
    sealed,
    write_letter,
)
from doctors.choices import RequestState
from doctors.models import PrivacyRequest
from pharmacrm.accounts.models import User

if TYPE_CHECKING:
    from compliance.models import ApprovalRequest

FLOW = "doctors.erasure"  # registered in apps.py
DAYS_TO_ANSWER = 3


def decide_erasure(
    request: PrivacyRequest, answer: Answer, *, by: User, at: datetime, proof: law.SignatureProof | None
) -> PrivacyRequest:
    """Sign for an erasure as the first, and ask for the second signature. Call inside the act, with the request locked."""
    verdict = law.judge(
        "request.answer",
        facts_of(request, answer, at, second=True),
        subject=request_subject(request),
        by=by,
        at=at,
        heeds_holds=False,
    )
    if proof is None:
        raise RequestNotMoved(_("This takes a signature. Enter your password."), field="password")
    signature = law.sign(
        subject=request_subject(request),
        content_sha256=erasure_fingerprint(request),
        meaning="doctors.erasure_decided",
        by=by,
        at=at,
        proof=proof,
    )
    request.state, request.decided_by, request.decided_at = RequestState.DECIDED, by, at
    request.is_granted, request.verdict_id = True, verdict.id
    request.reason_sealed = sealed(request, answer.reason)
    request.save()
    law.record(
        "doctors.request_decided",
        subject=request_subject(request),
        by=by,
        at=at,
        verdict=verdict,
        rows=[request, signature],
    )
    put_erasure(request, at=at)
    return request


@transaction.atomic
def second_erasure(
    *,
    request_id: UUID,
    agrees: bool,
    by: User,
    at: datetime,
    proof: law.SignatureProof | None = None,
    reason: str = "",
) -> PrivacyRequest:
    """Agree to an erasure as the second person, by signature, which carries it out, or hand it back with a reason.

    One answer to its request in the approval engine; whoever decided first may take that back.
    Raises: PermissionDenied for who may not erase; RequestNotMoved; what `sign` raises.
    """
    request = PrivacyRequest.objects.get(pk=request_id)
    withdraws = not agrees and request.decided_by_id == by.pk
    _may_second(request, by, agrees=agrees)
    if not agrees and not reason.strip():
        raise RequestNotMoved(_("Say why, so that the person who decided knows."), field="reason")
    hands_back = ApprovalVerb.WITHDRAW if withdraws else ApprovalVerb.RETURN
    law.answer_approval(
        flow=FLOW,
        subject=request_subject(request),
        verb=ApprovalVerb.AGREE if agrees else hands_back,
        comment=reason,
        by=by,
        at=at,
        proof=proof,
        put=lambda: put_erasure(request, at=at),
    )
    request.refresh_from_db()
    return request


def put_erasure(request: PrivacyRequest, *, at: datetime) -> ApprovalRequest:
    """Ask for the second signature under an erasure."""
    return law.open_approval(
        subject=request_subject(request),
        flow=FLOW,
        by=request.decided_by,
        at=at,
        steps=[law.Stage(roles=permissions.ERASERS)],
        due_at=min(law.due_after(at, DAYS_TO_ANSWER), max(at, request.due_at)),
        payload={"request": str(request.pk), "number": request.number},
    )


def put_erasures(at: datetime) -> int:
    """Put every erasure that waits and has no request to the engine. Safe to run twice. Returns: how many are new."""
    waiting = PrivacyRequest.objects.filter(state=RequestState.DECIDED).order_by("pk")
    new = [one for one in waiting if open_request(FLOW, request_subject(one)) is None]
    for request in new:
        put_erasure(request, at=at)
    return len(new)


def check_erasure_answer(answer: ApprovalAnswer) -> None:
    """Raises: PermissionDenied; RequestNotMoved."""
    request = PrivacyRequest.objects.select_for_update(of=("self",)).get(pk=UUID(answer.payload["request"]))
    _may_second(request, answer.by, agrees=answer.verb == ApprovalVerb.AGREE)


def erasure_signed(payload: dict[str, Any]) -> Signed:
    """Return what both signatures of an erasure stand under: which request of which doctor."""
    request = PrivacyRequest.objects.get(pk=UUID(payload["request"]))
    return Signed(request_subject(request), erasure_fingerprint(request))


def erasure_fingerprint(request: PrivacyRequest) -> str:
    """Return the SHA-256 of what is signed for: the request, its number and the doctor to be erased."""
    said = [str(request.pk), request.number, request.kind, str(request.doctor_id)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@transaction.atomic
def carry_out_erasure(*, decision: Decision) -> None:
    """Erase what two people signed for, or hand the request back to the desk."""
    request = PrivacyRequest.objects.select_for_update(of=("self",)).get(pk=UUID(decision.payload["request"]))
    by, at, subject = decision.by, decision.at, request_subject(request)
    if decision.outcome != ApprovalState.APPROVED:
        request.state, request.is_granted = RequestState.OPEN, None
        request.decided_by, request.decided_at = None, None
        request.save()
        law.record(
            "doctors.request_returned", subject=subject, by=by, at=at, reason=decision.comment, rows=[request]
        )
        return
    answer = Answer(is_granted=True)
    verdict = law.judge(
        "request.answer",
        facts_of(request, answer, at, second=True),
        subject=subject,
        by=by,
        at=at,
        heeds_holds=False,
    )
    write_letter(request, answer, at)
    request.seconded_by = by
    request.state, request.closed_at, request.verdict_id = RequestState.CLOSED, at, verdict.id
    request.save()
    law.record("doctors.request_answered", subject=subject, by=by, at=at, verdict=verdict, rows=[request])
    erase_doctor(
        request.doctor_id,
        by=by,
        at=at,
        request_id=request.pk,
        reason=f"Privacy request {request.number}",
    )


def _may_second(request: PrivacyRequest, by: User, *, agrees: bool) -> None:
    if not permissions.can_erase_doctor(by):
        raise PermissionDenied
    if request.state != RequestState.DECIDED:
        raise RequestNotMoved(_("The request is not in a state that allows this."))
    if agrees and request.decided_by_id == by.pk:
        raise RequestNotMoved(_("A second person agrees to an erasure."))
