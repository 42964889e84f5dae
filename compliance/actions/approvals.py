"""One approval engine: 同意 拒绝 转交 加签 退回 撤回 催办 抄送, 会签 and 或签."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance.actions.approval_answers import VERBS, ApprovalNotDecided, close_rest
from compliance.actions.approval_messages import ask, tell
from compliance.actions.recording import record
from compliance.actions.signing import SignatureProof
from compliance.choices import ApprovalState, ApprovalVerb, StepMode, StepState
from compliance.flows import Answer, flow_of
from compliance.models import ApprovalRequest, ApprovalStep
from compliance.rules.working_days import working_day_after
from compliance.selectors import approvals as reads
from pharmacrm.common.errors import DomainError


class ApprovalNotOpened(DomainError):
    """The request lacks an approver, or one about the same subject is open; nothing has changed."""

    code = "approval_not_opened"


@dataclass(frozen=True)
class Stage:
    """People asked side by side: all of them (会签) or any one (或签); or roles, any one of whom answers.

    Stages follow one another. Whoever has agreed answers no later question that is put to roles.
    """

    approvers: tuple[Any, ...] = ()
    mode: str = StepMode.ALL
    name: str = ""
    roles: tuple[str, ...] = ()


@transaction.atomic
def open_approval(
    *,
    subject: str,
    flow: str,
    by: Any,
    at: datetime,
    approvers: Sequence[Any] = (),
    steps: Sequence[Stage] = (),
    due_at: datetime | None = None,
    payload: dict[str, Any] | None = None,
    title: str = "",
) -> ApprovalRequest:
    """Ask people to approve something. `approvers` is short for one stage in which all have to agree.

    Raises: UndeclaredFlow; ApprovalNotOpened without approvers, when the asker is among them, or when the same
    flow is open for the subject. In every case nothing has changed.
    """
    declared = flow_of(flow)
    stages = list(steps) or [Stage(tuple(approvers))]
    if any(not stage.approvers and not stage.roles for stage in stages):
        raise ApprovalNotOpened(_("Nobody is there to approve this. Name an approver."))
    asker = by if getattr(by, "pk", None) else None
    if asker and any(asker.pk == person.pk for stage in stages for person in stage.approvers):
        raise ApprovalNotOpened(_("You cannot approve what you ask for. Name somebody else."))
    body = payload or {}
    request = ApprovalRequest(
        flow=flow,
        subject=subject,
        title=(title or str(declared.title))[:200],
        payload=body,
        content_sha256=content_fingerprint(subject, body),
        opened_by=asker,
        opened_at=at,
        due_at=due_at,
    )
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError as clash:
        raise ApprovalNotOpened(_("A request about this is already waiting for an answer.")) from clash
    rows = [
        ApprovalStep.objects.create(
            request=request,
            stage=number,
            mode=stage.mode,
            name=stage.name,
            approver=person,
            roles=[] if person else list(stage.roles),
            state=StepState.OPEN if number == 1 else StepState.WAITING,
        )
        for number, stage in enumerate(stages, start=1)
        for person in ({person.pk: person for person in stage.approvers}.values() or (None,))
    ]
    record("compliance.approval_opened", subject=subject, by=by, at=at, rows=[request, *rows])
    for step in rows:
        if step.state == StepState.OPEN:
            ask(request, step, at)
    return request


@transaction.atomic
def decide(
    *,
    step_id: UUID,
    verb: str,
    by: Any,
    at: datetime,
    comment: str = "",
    proof: SignatureProof | None = None,
    to: Any = None,
) -> ApprovalRequest:
    """Give one answer: agree, refuse, return, pass_on, add_signer, withdraw, urge or copy.

    `to` is the person for pass_on, add_signer and copy. Refusing and returning need words; agreeing in a signed
    flow needs `proof`. The last answer calls the flow's `on_decided` in this transaction.
    Raises: PermissionDenied; ApprovalNotDecided; what `sign` or `on_decided` raise. In every case nothing has
    changed. Cost: locks the request.
    """
    request_id = ApprovalStep.objects.values_list("request_id", flat=True).get(pk=step_id)
    request = ApprovalRequest.objects.select_for_update().get(pk=request_id)
    step = ApprovalStep.objects.select_for_update().get(pk=step_id)
    step.request = request
    _may(verb, request, step, by, at)
    if request.state != ApprovalState.OPEN:
        raise ApprovalNotDecided(_("This request has already been answered."))
    if verb in ANSWERS and step.state != StepState.OPEN:
        raise ApprovalNotDecided(_("You were not asked, or have already answered."))
    if verb in {ApprovalVerb.REFUSE, ApprovalVerb.RETURN} and not comment.strip():
        raise ApprovalNotDecided(_("Say why, so that it can be put right."), field="comment")
    if verb in {ApprovalVerb.PASS_ON, ApprovalVerb.ADD_SIGNER, ApprovalVerb.COPY}:
        _check_recipient(request, verb, to)
    said = ApprovalVerb(verb)
    answer = _answer_of(request, said, by, at, comment.strip())
    if said in CHECKED:
        _check_answer(step, answer)
    taken = _taken(step, said, by, at)
    step = taken[-1] if taken else step
    rows, outcome = VERBS[said](request, step, by, at, comment.strip(), proof, to)
    rows = [*taken[:-1], *rows]
    if outcome:
        request.state, request.decided_at = outcome, at
        request.save()
        rows += close_rest(request)
    elif said == ApprovalVerb.AGREE and (heard := flow_of(request.flow).on_progress):
        heard(answer)
    record(
        f"compliance.approval_{_EVENTS[said]}",
        subject=request.subject,
        by=by,
        at=at,
        reason=comment.strip(),
        rows=[request, *rows],
    )
    if outcome:
        tell(request, by, at, comment.strip())
    return request


@transaction.atomic
def void_approval(*, flow: str, subject: str, reason: str, by: Any, at: datetime) -> ApprovalRequest | None:
    """Close the open request about a subject whose content changed; its outcome sets nothing off.

    Returns: the request, or None where none is open. Cost: locks it.
    """
    request = lock_request(flow, subject)
    if request is None:
        return None
    request.state, request.decided_at = ApprovalState.WITHDRAWN, at
    request.save()
    rows = [request, *close_rest(request)]
    record("compliance.approval_withdrawn", subject=subject, by=by, at=at, reason=reason, rows=rows)
    return request


def lock_request(flow: str, subject: str) -> ApprovalRequest | None:
    """Return the open request about a subject, locked until the transaction ends.

    Order matters: a request is locked before what it is about.
    """
    rows = ApprovalRequest.objects.select_for_update().filter(flow=flow, subject=subject)
    return rows.filter(state=ApprovalState.OPEN).first()


def step_of(request: ApprovalRequest, by: Any, at: datetime) -> ApprovalStep | None:
    """Return the open step of a request that a person may answer."""
    day = localtime(at).date()
    steps = request.steps.filter(state=StepState.OPEN).select_related("request").order_by("pk")
    return next((step for step in steps if reads.may_answer(by, step, on=day)), None)


def due_after(at: datetime, days: int) -> datetime:
    """Return the same time of day, some working days later."""
    day = localtime(at).date()
    return at + (working_day_after(day, days) - day)


def content_fingerprint(subject: str, payload: dict[str, Any]) -> str:
    """Return the SHA-256 of what an approver's signature stands under."""
    said = {"subject": subject, "payload": payload}
    return hashlib.sha256(
        json.dumps(said, sort_keys=True, ensure_ascii=False, default=str).encode()
    ).hexdigest()


ANSWERS = frozenset(
    {ApprovalVerb.AGREE, ApprovalVerb.REFUSE, ApprovalVerb.RETURN, ApprovalVerb.PASS_ON, ApprovalVerb.ADD_SIGNER}
)  # fmt: skip
_EVENTS = {
    ApprovalVerb.AGREE: "agreed",
    ApprovalVerb.REFUSE: "refused_by_approver",
    ApprovalVerb.RETURN: "returned",
    ApprovalVerb.PASS_ON: "passed_on",
    ApprovalVerb.ADD_SIGNER: "signer_added",
    ApprovalVerb.WITHDRAW: "withdrawn",
    ApprovalVerb.URGE: "urged",
    ApprovalVerb.COPY: "copied",
}


CHECKED = frozenset({ApprovalVerb.AGREE, ApprovalVerb.REFUSE, ApprovalVerb.RETURN})
TAKING = CHECKED | {ApprovalVerb.PASS_ON}


def _may(verb: str, request: ApprovalRequest, step: ApprovalStep, by: Any, at: datetime) -> None:
    if verb not in _EVENTS:
        raise ApprovalNotDecided(_("There is no such answer."))
    is_asker = request.opened_by_id == by.pk
    if is_asker and verb not in ANSWERS:
        return
    is_approver = reads.may_answer(by, step, on=localtime(at).date())
    if not is_approver or (verb not in ANSWERS and verb != ApprovalVerb.COPY):
        raise PermissionDenied


def _answer_of(request: ApprovalRequest, verb: str, by: Any, at: datetime, comment: str) -> Answer:
    agreed = request.steps.filter(state=StepState.AGREED).order_by("decided_at", "pk")
    return Answer(
        request_id=request.pk,
        flow=request.flow,
        subject=request.subject,
        payload=request.payload,
        opened_by=request.opened_by,
        verb=verb,
        by=by,
        at=at,
        comment=comment,
        agreed=tuple(agreed.values_list("approver_id", flat=True)),
    )


def _check_answer(step: ApprovalStep, answer: Answer) -> None:
    if (
        answer.verb == ApprovalVerb.AGREE
        and step.approver_id != answer.by.pk
        and answer.by.pk in answer.agreed
    ):
        raise ApprovalNotDecided(_("You have agreed already. The next answer comes from another person."))
    check = flow_of(answer.flow).check
    if check:
        check(answer)


def _taken(step: ApprovalStep, verb: str, by: Any, at: datetime) -> list[ApprovalStep]:
    """Make the step the answerer's own: of roles the first who answers takes it, from a person it passes to the deputy."""
    if verb not in TAKING or step.approver_id == by.pk:
        return []
    if step.approver_id is None:
        step.approver = by
        return [step]
    step.state, step.decided_at = StepState.PASSED_ON, at
    step.save()
    passed = ApprovalStep(
        request=step.request,
        stage=step.stage,
        mode=step.mode,
        name=step.name,
        approver=by,
        state=StepState.OPEN,
        passed_from=step,
    )
    passed.save(force_insert=True)
    return [step, passed]


def _check_recipient(request: ApprovalRequest, verb: str, to: Any) -> None:
    if to is None or not to.is_active:
        raise ApprovalNotDecided(_("Choose a person."), field="to")
    if verb == ApprovalVerb.COPY:
        return
    if to.pk == request.opened_by_id:
        raise ApprovalNotDecided(_("Whoever asks cannot approve. Choose somebody else."), field="to")
    asked = request.steps.filter(approver=to, state__in=[StepState.OPEN, StepState.WAITING, StepState.AGREED])
    if asked.exists():
        raise ApprovalNotDecided(_("This person is already asked."), field="to")
