"""What each of the eight verbs does to a request and its steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from compliance.actions.approval_messages import INBOX, ask, asked, headings, where
from compliance.choices import ApprovalState, ApprovalVerb, StepMode, StepState
from compliance.models import ApprovalCopy, ApprovalRequest, ApprovalStep
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify


class ApprovalNotDecided(DomainError):
    """The step cannot take this verb now; nothing has changed."""

    code = "approval_not_decided"


def _agree(request, step, by, at, comment, to):  # type: ignore[no-untyped-def]
    rows = [_answer(step, StepState.AGREED, at, comment)]
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
            ask(request, later, at)
    return rows, ""


def _refuse(request, step, by, at, comment, to):  # type: ignore[no-untyped-def]
    return [_answer(step, StepState.REFUSED, at, comment)], ApprovalState.REFUSED


def _return(request, step, by, at, comment, to):  # type: ignore[no-untyped-def]
    return [_answer(step, StepState.RETURNED, at, comment)], ApprovalState.RETURNED


def _pass_on(request, step, by, at, comment, to):  # type: ignore[no-untyped-def]
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
    ask(request, passed, at)
    return [step, passed], ""


def _add_signer(request, step, by, at, comment, to):  # type: ignore[no-untyped-def]
    added = ApprovalStep.objects.create(
        request=request,
        stage=step.stage,
        mode=StepMode.ALL,
        name=step.name,
        approver=to,
        state=StepState.OPEN,
        added_by=by,
    )
    ask(request, added, at)
    return [added], ""


def _withdraw(request, step, by, at, comment, to):  # type: ignore[no-untyped-def]
    return [], ApprovalState.WITHDRAWN


def _urge(request, step, by, at, comment, to):  # type: ignore[no-untyped-def]
    request.urged_at = at
    request.save()
    heading = headings(request)
    for waiting in request.steps.filter(state=StepState.OPEN).select_related("approver").order_by("pk"):
        for person in asked(waiting):
            notify(
                recipient=person,
                kind="approval_urged",
                zh=f"{by} 催办：{heading[0]}",
                en=f"{by} asks you to answer: {heading[1]}",
                at=at,
                url=where(request, waiting),
                subject=f"approval:{request.pk}:{at:%Y%m%d%H%M}",
            )
    return [], ""


def _copy(request, step, by, at, comment, to):  # type: ignore[no-untyped-def]
    copy, _is_new = ApprovalCopy.objects.get_or_create(
        request=request, recipient=to, defaults={"copied_by": by, "copied_at": at}
    )
    heading = headings(request)
    notify(
        recipient=to,
        kind="approval_copied",
        zh=f"{by} 抄送给您：{heading[0]}",
        en=f"{by} sent you a copy: {heading[1]}",
        at=at,
        url=INBOX,
        subject=f"approval:{request.pk}",
    )
    return [copy], ""


VERBS = {
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


def close_rest(request: ApprovalRequest) -> list[ApprovalStep]:
    """Let the steps that nobody answered go."""
    rest = (
        request.steps.select_for_update().filter(state__in=[StepState.OPEN, StepState.WAITING]).order_by("pk")
    )
    return _not_needed(list(rest))
