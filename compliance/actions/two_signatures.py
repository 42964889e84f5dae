"""Two signatures of different people under a draft of the law, asked for through the approval engine."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied

from compliance import permissions
from compliance.choices import ApprovalVerb, StepState
from compliance.flows import flow_of
from compliance.models import ApprovalRequest, Parameter, RuleVersion, Signature

from .approval_messages import ask
from .approvals import Stage, decide, step_of
from .recording import record

DAYS_TO_SIGN = 5


def two_signatures() -> list[Stage]:
    """Return the route of a draft: one who answers for the law, the label or medicine, and another one."""
    return [Stage(roles=permissions.RULE_SIGNERS), Stage(roles=permissions.RULE_SIGNERS)]


def with_first_signature(
    request: ApprovalRequest, draft: Parameter | RuleVersion, *, at: datetime
) -> ApprovalRequest:
    """Let the first signature that a draft carries already stand as the first answer, and ask for the second."""
    if draft.first_signed_by_id is None:
        return request
    first, second = request.steps.select_for_update().order_by("stage")
    flow = flow_of(request.flow)
    under = flow.signs(request.payload) if flow.signs else None
    first.approver, first.decided_at, first.state = (
        draft.first_signed_by, draft.first_signed_at, StepState.AGREED,
    )  # fmt: skip
    first.signature = (
        Signature.objects.filter(
            subject=under.subject, content_sha256=under.content_sha256, signer_id=draft.first_signed_by_id
        ).last()
        if under
        else None
    )
    second.state, request.stage = StepState.OPEN, second.stage
    for row in (first, second, request):
        row.save()
    record(
        "compliance.approval_carried", subject=request.subject, by=None, at=at, rows=[request, first, second]
    )
    ask(request, second, at)
    return request


def refuse(request: ApprovalRequest, *, reason: str, by: Any, at: datetime) -> None:
    """Answer a draft's request with no, or take it back where `by` asked. Raises: PermissionDenied for a stranger."""
    if request.opened_by_id == by.pk:
        step, verb = request.steps.order_by("pk").first(), ApprovalVerb.WITHDRAW
    else:
        step, verb = step_of(request, by, at), ApprovalVerb.REFUSE
    if step is None:
        raise PermissionDenied
    decide(step_id=step.pk, verb=verb, comment=reason, by=by, at=at)
