"""What the approval engine tells people: who is asked, urged, sent a copy, and how it came out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import override

from compliance.choices import ApprovalState, StepState
from compliance.flows import Answer, Decision, flow_of
from compliance.models import ApprovalRequest, ApprovalStep
from compliance.selectors.approvals import may_know
from compliance.selectors.people import people_with_role
from pharmacrm.common.notifications import notify

INBOX = "/compliance/inbox/"


def asked(step: ApprovalStep) -> Iterable[Any]:
    """Return whom a step asks: its approver, or everybody of its roles but the asker, who has agreed already, and whom a wall
    keeps from knowing of it.
    """
    if step.approver_id:
        return [step.approver]
    passed = {step.request.opened_by_id} | set(
        step.request.steps.filter(state=StepState.AGREED).values_list("approver_id", flat=True)
    )
    people = {one.pk: one for role in step.roles for one in people_with_role(role)}
    return [one for key, one in people.items() if key not in passed and may_know(one, step.request)]


def headings(request: ApprovalRequest) -> tuple[str, str]:
    """Return what a request is called in Chinese and in English."""
    said = []
    for language in ("zh-hans", "en"):
        with override(language):
            said.append(request.heading)
    return said[0], said[1]


def where(request: ApprovalRequest, step: ApprovalStep) -> str:
    """Return the address at which a step is answered: the page of the decision, else that of the request."""
    flow = flow_of(request.flow)
    return (flow.room(request.payload) if flow.room else "") or f"{INBOX}{step.pk}/"


def ask(request: ApprovalRequest, step: ApprovalStep, at: datetime) -> None:
    """Ask everybody who may answer a step, unless there are many of its kind."""
    if flow_of(request.flow).is_quiet and not step.approver_id:
        return
    zh, en = headings(request)
    for person in asked(step):
        notify(
            recipient=person,
            kind="approval_asked",
            zh=f"请审批：{zh}",
            en=f"Please approve: {en}",
            at=at,
            url=where(request, step),
            subject=f"approvalstep:{step.pk}",
        )


def tell(request: ApprovalRequest, answer: Answer) -> None:
    """Carry out the outcome of a request, and tell whoever asked."""
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
                by=answer.by,
                at=answer.at,
                comment=answer.comment,
                signature_ids=tuple(
                    request.steps.filter(signature__isnull=False)
                    .order_by("pk")
                    .values_list("signature_id", flat=True)
                ),
                name=answer.name,
                details=answer.details,
                signature_id=answer.signature_id,
            )
        )
    asker = request.opened_by
    if asker and asker.pk != answer.by.pk and may_know(asker, request) and not flow.is_quiet:
        words = {
            ApprovalState.APPROVED: ("已同意", "approved"),
            ApprovalState.REFUSED: ("已拒绝", "refused"),
            ApprovalState.RETURNED: ("退回修改", "returned for change"),
        }.get(ApprovalState(request.state), ("已撤回", "withdrawn"))
        zh, en = headings(request)
        notify(
            recipient=asker,
            kind="approval_decided",
            zh=f"{zh}：{words[0]}",
            en=f"{en}: {words[1]}",
            at=answer.at,
            url=INBOX,
            subject=f"approval:{request.pk}",
        )
