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
from django.utils.translation import gettext as _

from compliance.actions.recording import record
from compliance.actions.signing import SignatureProof, sign
from compliance.choices import ApprovalState, ApprovalVerb, StepMode, StepState
from compliance.flows import Decision, flow_of
from compliance.models import ApprovalCopy, ApprovalRequest, ApprovalStep
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

INBOX = "/compliance/inbox/"


class ApprovalNotOpened(DomainError):
    """The request lacks an approver, or one about the same subject is open; nothing has changed."""

    code = "approval_not_opened"


class ApprovalNotDecided(DomainError):
    """The step cannot take this verb now; nothing has changed."""

    code = "approval_not_decided"


@dataclass(frozen=True)
class Stage:
    """People asked side by side: all of them (会签) or any one (或签). Stages follow one another."""

    approvers: tuple[Any, ...]
    mode: str = StepMode.ALL
    name: str = ""


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
    if any(not stage.approvers for stage in stages):
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
            state=StepState.OPEN if number == 1 else StepState.WAITING,
        )
        for number, stage in enumerate(stages, start=1)
        for person in {person.pk: person for person in stage.approvers}.values()
    ]
    record("compliance.approval_opened", subject=subject, by=by, at=at, rows=[request, *rows])
    for step in rows:
        if step.state == StepState.OPEN:
            _ask(request, step, at)
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
    _may(verb, request, step, by)
    if request.state != ApprovalState.OPEN:
        raise ApprovalNotDecided(_("This request has already been answered."))
    if verb in ANSWERS and step.state != StepState.OPEN:
        raise ApprovalNotDecided(_("You were not asked, or have already answered."))
    if verb in {ApprovalVerb.REFUSE, ApprovalVerb.RETURN} and not comment.strip():
        raise ApprovalNotDecided(_("Say why, so that it can be put right."), field="comment")
    if verb in {ApprovalVerb.PASS_ON, ApprovalVerb.ADD_SIGNER, ApprovalVerb.COPY}:
        _check_recipient(request, verb, to)
    said = ApprovalVerb(verb)
    rows, outcome = _VERBS[said](request, step, by, at, comment.strip(), proof, to)
    if outcome:
        request.state, request.decided_at = outcome, at
        request.save()
        rows += _close_rest(request)
    record(
        f"compliance.approval_{_EVENTS[said]}",
        subject=request.subject,
        by=by,
        at=at,
        reason=comment.strip(),
        rows=[request, *rows],
    )
    if outcome:
        _tell(request, by, at, comment.strip())
    return request


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


def _may(verb: str, request: ApprovalRequest, step: ApprovalStep, by: Any) -> None:
    if verb not in _EVENTS:
        raise ApprovalNotDecided(_("There is no such answer."))
    is_asker, is_approver = request.opened_by_id == by.pk, step.approver_id == by.pk
    allowed = is_approver if verb in ANSWERS else is_asker or (verb == ApprovalVerb.COPY and is_approver)
    if not allowed:
        raise PermissionDenied


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


def _agree(request, step, by, at, comment, proof, to):  # type: ignore[no-untyped-def]
    flow = flow_of(request.flow)
    if flow.signed:
        if proof is None:
            raise ApprovalNotDecided(_("This approval has to be signed."), field="password")
        step.signature = sign(
            subject=request.subject,
            content_sha256=request.content_sha256,
            meaning=flow.meaning,
            by=by,
            at=at,
            proof=proof,
        )
    rows = [_answer(step, StepState.AGREED, at, comment)]
    if step.signature:
        rows.append(step.signature)
    peers = list(request.steps.select_for_update().filter(stage=step.stage).order_by("pk"))
    if step.mode == StepMode.ANY:
        rows += _not_needed(
            [peer for peer in peers if peer.mode == StepMode.ANY and peer.state == StepState.OPEN]
        )
    if any(peer.state == StepState.OPEN for peer in peers):
        return rows, ""
    following = list(
        request.steps.select_for_update().filter(state=StepState.WAITING).order_by("stage", "pk")
    )
    if not following:
        return rows, ApprovalState.APPROVED
    request.stage = following[0].stage
    request.save()
    for later in following:
        if later.stage == request.stage:
            later.state = StepState.OPEN
            later.save()
            rows.append(later)
            _ask(request, later, at)
    return rows, ""


def _refuse(request, step, by, at, comment, proof, to):  # type: ignore[no-untyped-def]
    return [_answer(step, StepState.REFUSED, at, comment)], ApprovalState.REFUSED


def _return(request, step, by, at, comment, proof, to):  # type: ignore[no-untyped-def]
    return [_answer(step, StepState.RETURNED, at, comment)], ApprovalState.RETURNED


def _pass_on(request, step, by, at, comment, proof, to):  # type: ignore[no-untyped-def]
    _answer(step, StepState.PASSED_ON, at, comment)
    passed = ApprovalStep.objects.create(
        request=request,
        stage=step.stage,
        mode=step.mode,
        name=step.name,
        approver=to,
        state=StepState.OPEN,
        added_by=by,
        passed_from=step,
    )
    _ask(request, passed, at)
    return [step, passed], ""


def _add_signer(request, step, by, at, comment, proof, to):  # type: ignore[no-untyped-def]
    added = ApprovalStep.objects.create(
        request=request,
        stage=step.stage,
        mode=StepMode.ALL,
        name=step.name,
        approver=to,
        state=StepState.OPEN,
        added_by=by,
    )
    _ask(request, added, at)
    return [added], ""


def _withdraw(request, step, by, at, comment, proof, to):  # type: ignore[no-untyped-def]
    return [], ApprovalState.WITHDRAWN


def _urge(request, step, by, at, comment, proof, to):  # type: ignore[no-untyped-def]
    request.urged_at = at
    request.save()
    for waiting in request.steps.filter(state=StepState.OPEN).select_related("approver").order_by("pk"):
        notify(
            recipient=waiting.approver,
            kind="approval_urged",
            zh=f"{by} 催办：{request.title}",
            en=f"{by} asks you to answer: {request.title}",
            at=at,
            url=INBOX,
            subject=f"approval:{request.pk}:{at:%Y%m%d%H%M}",
        )
    return [], ""


def _copy(request, step, by, at, comment, proof, to):  # type: ignore[no-untyped-def]
    copy, _is_new = ApprovalCopy.objects.get_or_create(
        request=request, recipient=to, defaults={"copied_by": by, "copied_at": at}
    )
    notify(
        recipient=to,
        kind="approval_copied",
        zh=f"{by} 抄送给您：{request.title}",
        en=f"{by} sent you a copy: {request.title}",
        at=at,
        url=INBOX,
        subject=f"approval:{request.pk}",
    )
    return [copy], ""


_VERBS = {
    ApprovalVerb.AGREE: _agree,
    ApprovalVerb.REFUSE: _refuse,
    ApprovalVerb.RETURN: _return,
    ApprovalVerb.PASS_ON: _pass_on,
    ApprovalVerb.ADD_SIGNER: _add_signer,
    ApprovalVerb.WITHDRAW: _withdraw,
    ApprovalVerb.URGE: _urge,
    ApprovalVerb.COPY: _copy,
}


def _answer(step: ApprovalStep, state: str, at: datetime, comment: str) -> ApprovalStep:
    step.state, step.decided_at, step.comment = state, at, comment
    step.save()
    return step


def _not_needed(steps: Sequence[ApprovalStep]) -> list[ApprovalStep]:
    for step in steps:
        step.state = StepState.NOT_NEEDED
        step.save()
    return list(steps)


def _close_rest(request: ApprovalRequest) -> list[ApprovalStep]:
    rest = (
        request.steps.select_for_update().filter(state__in=[StepState.OPEN, StepState.WAITING]).order_by("pk")
    )
    return _not_needed(list(rest))


def _ask(request: ApprovalRequest, step: ApprovalStep, at: datetime) -> None:
    notify(
        recipient=step.approver,
        kind="approval_asked",
        zh=f"请审批：{request.title}",
        en=f"Please approve: {request.title}",
        at=at,
        url=INBOX,
        subject=f"approvalstep:{step.pk}",
    )


def _tell(request: ApprovalRequest, by: Any, at: datetime, comment: str) -> None:
    flow = flow_of(request.flow)
    if flow.on_decided:
        flow.on_decided(
            Decision(
                request_id=request.pk,
                flow=request.flow,
                subject=request.subject,
                outcome=str(request.state),
                payload=request.payload,
                opened_by=request.opened_by,
                by=by,
                at=at,
                comment=comment,
                signature_ids=tuple(
                    request.steps.filter(signature__isnull=False)
                    .order_by("pk")
                    .values_list("signature_id", flat=True)
                ),
            )
        )
    if request.opened_by_id and request.opened_by_id != by.pk:
        words = {
            ApprovalState.APPROVED: ("已同意", "approved"),
            ApprovalState.REFUSED: ("已拒绝", "refused"),
            ApprovalState.RETURNED: ("退回修改", "returned for change"),
        }.get(ApprovalState(request.state), ("已撤回", "withdrawn"))
        notify(
            recipient=request.opened_by,
            kind="approval_decided",
            zh=f"{request.title}：{words[0]}",
            en=f"{request.title}: {words[1]}",
            at=at,
            url=INBOX,
            subject=f"approval:{request.pk}",
        )
