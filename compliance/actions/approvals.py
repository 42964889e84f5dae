"""One approval engine: 同意 拒绝 转交 加签 退回 撤回 催办 抄送, 会签 and 或签."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from compliance.actions.signing import SignatureProof, sign
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

    Stages follow one another; several in one tuple stand side by side, as the seats of a review. Whoever has agreed
    answers no other question that is put to roles.
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
    steps: Sequence[Stage | tuple[Stage, ...]] = (),
    due_at: datetime | None = None,
    payload: dict[str, Any] | None = None,
    title: str = "",
) -> ApprovalRequest:
    """Ask people to approve something. `approvers` is short for one stage in which all have to agree.

    Raises: UndeclaredFlow; ApprovalNotOpened without approvers, when the asker is among them, or when the same
    flow is open for the subject. In every case nothing has changed.
    """
    flow_of(flow)
    asked = list(steps) or [Stage(tuple(approvers))]
    stages = [
        (number, stage)
        for number, side_by_side in enumerate(asked, start=1)
        for stage in (side_by_side if isinstance(side_by_side, tuple) else (side_by_side,))
    ]
    if any(not stage.approvers and not stage.roles for _number, stage in stages):
        raise ApprovalNotOpened(_("Nobody is there to approve this. Name an approver."))
    asker = by if getattr(by, "pk", None) else None
    if asker and any(asker.pk == person.pk for _number, stage in stages for person in stage.approvers):
        raise ApprovalNotOpened(_("You cannot approve what you ask for. Name somebody else."))
    body = payload or {}
    request = ApprovalRequest(
        flow=flow,
        subject=subject,
        title=title[:200],
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
        for number, stage in stages
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
    details: Mapping[str, Any] | None = None,
) -> ApprovalRequest:
    """Give one answer: agree, refuse, return, pass_on, add_signer, withdraw, urge or copy.

    `to` is the person for pass_on, add_signer and copy; `details` is what the page of the decision says beyond yes and
    no. Refusing and returning need words; an answer that the flow has signed needs `proof`. The last answer calls the
    flow's `on_decided` in this transaction.
    Raises: PermissionDenied; ApprovalNotDecided; what `sign` or `on_decided` raise. In every case nothing has
    changed. Cost: locks the request.
    """
    request_id = ApprovalStep.objects.values_list("request_id", flat=True).get(pk=step_id)
    request = ApprovalRequest.objects.select_for_update().get(pk=request_id)
    step = ApprovalStep.objects.select_for_update().get(pk=step_id)
    step.request = request
    _may(verb, request, step, by, at)
    flow = flow_of(request.flow)
    if flow.verbs and verb not in flow.verbs:
        raise ApprovalNotDecided(_("There is no such answer."))
    if request.state != ApprovalState.OPEN:
        raise ApprovalNotDecided(_("This request has already been answered."))
    if verb in ANSWERS and step.state != StepState.OPEN:
        raise ApprovalNotDecided(_("You were not asked, or have already answered."))
    if verb in {ApprovalVerb.REFUSE, ApprovalVerb.RETURN} and not comment.strip():
        raise ApprovalNotDecided(_("Say why, so that it can be put right."), field="comment")
    if verb in {ApprovalVerb.PASS_ON, ApprovalVerb.ADD_SIGNER, ApprovalVerb.COPY}:
        _hand(request, verb, to)
    said, words = ApprovalVerb(verb), comment.strip()
    if flow.seals and words and said not in CHECKED:
        raise ApprovalNotDecided(_("Words about it are kept with the decision alone."), field="comment")
    answer = _answer_of(request, step, said, by, at, words, details)
    words = "" if flow.seals else words
    if said in CHECKED:
        _check_answer(step, answer)
    elif said in {ApprovalVerb.PASS_ON, ApprovalVerb.ADD_SIGNER} and flow.hand:
        flow.hand(answer, to)
    taken = _taken(step, said, by, at)
    step = taken[-1] if taken else step
    signed = _signed(request, step, answer, proof)
    rows, outcome = VERBS[said](request, step, by, at, words, to)
    answer = replace(answer, signature_id=step.signature_id)
    rows = [*taken[:-1], *rows, *signed, *_carried_on(request, answer, outcome)]
    record(
        f"compliance.approval_{_EVENTS[said]}",
        subject=request.subject,
        by=by,
        at=at,
        reason=words,
        rows=[request, *rows],
    )
    if outcome:
        tell(request, answer)
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


def step_of(request: ApprovalRequest, by: Any, at: datetime, *, name: str = "") -> ApprovalStep | None:
    """Return the open step of a request, or that of a name, which a person may answer."""
    day = localtime(at).date()
    steps = request.steps.filter(state=StepState.OPEN).select_related("request").order_by("pk")
    if name:
        steps = steps.filter(name=name)
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
    if not is_approver and verb in ANSWERS and step.state != StepState.OPEN and by.has_role(*step.roles):
        raise ApprovalNotDecided(
            _("This request has already been answered.")
        )  # by another of the role, meanwhile
    if not is_approver or (verb not in ANSWERS and verb != ApprovalVerb.COPY):
        raise PermissionDenied


def _answer_of(
    request: ApprovalRequest,
    step: ApprovalStep,
    verb: str,
    by: Any,
    at: datetime,
    comment: str,
    details: Mapping[str, Any] | None,
) -> Answer:
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
        name=step.name,
        details=details or {},
    )


def _carried_on(request: ApprovalRequest, answer: Answer, outcome: str) -> list[Any]:
    """Close a request that has its outcome, or tell its flow of an agreement on the way."""
    flow = flow_of(request.flow)
    if outcome:
        request.state, request.decided_at = outcome, answer.at
        request.save()
        return close_rest(request)
    if answer.verb == ApprovalVerb.AGREE and flow.on_progress:
        flow.on_progress(answer)
    return []


def _signed(
    request: ApprovalRequest, step: ApprovalStep, answer: Answer, proof: SignatureProof | None
) -> list[Any]:
    """Sign what the flow has signed by this answer. Raises: ApprovalNotDecided without `proof`; what `sign` raises."""
    flow = flow_of(request.flow)
    meaning = flow.meaning_of(answer.verb)
    if not meaning:
        return []
    if proof is None:
        raise ApprovalNotDecided(_("This approval has to be signed."), field="password")
    under = flow.signs(request.payload) if flow.signs else None
    step.signature = sign(
        subject=under.subject if under else request.subject,
        content_sha256=under.content_sha256 if under else request.content_sha256,
        meaning=meaning,
        by=answer.by,
        at=answer.at,
        proof=proof,
    )
    return [step.signature]


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


def _hand(request: ApprovalRequest, verb: str, to: Any) -> None:
    if to is None or not to.is_active:
        raise ApprovalNotDecided(_("Choose a person."), field="to")
    if not reads.may_know(to, request):
        raise ApprovalNotDecided(_("This person may not know of it."), field="to")
    if verb == ApprovalVerb.COPY:
        return
    if to.pk == request.opened_by_id:
        raise ApprovalNotDecided(_("Whoever asks cannot approve. Choose somebody else."), field="to")
    asked = request.steps.filter(approver=to, state__in=[StepState.OPEN, StepState.WAITING, StepState.AGREED])
    if asked.exists():
        raise ApprovalNotDecided(_("This person is already asked."), field="to")
