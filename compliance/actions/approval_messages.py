"""What the approval engine tells people: who is asked, urged, sent a copy, and how it came out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from compliance.choices import ApprovalState, StepState
from compliance.flows import Decision, flow_of
from compliance.models import ApprovalRequest, ApprovalStep
from compliance.selectors.people import people_with_role
from pharmacrm.common.notifications import notify

INBOX = "/compliance/inbox/"


def asked(step: ApprovalStep) -> Iterable[Any]:
    """Return whom a step asks: its approver, or everybody of its roles but the asker and who has agreed already."""
    if step.approver_id:
        return [step.approver]
    passed = {step.request.opened_by_id} | set(
        step.request.steps.filter(state=StepState.AGREED).values_list("approver_id", flat=True)
    )
    people = {one.pk: one for role in step.roles for one in people_with_role(role)}
    return [one for key, one in people.items() if key not in passed]


def ask(request: ApprovalRequest, step: ApprovalStep, at: datetime) -> None:
    """Ask everybody who may answer a step."""
    for person in asked(step):
        notify(
            recipient=person,
            kind="approval_asked",
            zh=f"请审批：{request.title}",
            en=f"Please approve: {request.title}",
            at=at,
            url=f"{INBOX}{step.pk}/",
            subject=f"approvalstep:{step.pk}",
        )


def tell(request: ApprovalRequest, by: Any, at: datetime, comment: str) -> None:
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
