"""Two signatures of different people under a draft of the law, asked for through the approval engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from compliance import permissions
from compliance.choices import ApprovalVerb, StepState
from compliance.flows import flow_of
from compliance.models import ApprovalRequest, Parameter, RuleVersion, Signature

from .answering import answer_approval
from .approval_messages import ask
from .approvals import Stage, due_after, open_approval
from .recording import record

DAYS_TO_SIGN = 5


def put_draft(
    draft: Parameter | RuleVersion, *, flow: str, subject: str, payload: dict[str, Any], at: datetime
) -> ApprovalRequest:
    """Put a draft to one who answers for the law, the label or medicine, and then to another one.

    A signature given before stands as the first answer.
    """
    signer = Stage(roles=permissions.RULE_SIGNERS)
    request = open_approval(
        subject=subject,
        flow=flow,
        by=draft.drafted_by,
        at=at,
        steps=[signer, signer],
        due_at=due_after(at, DAYS_TO_SIGN),
        payload={"rule": draft.rule, **payload},
    )
    return _with_first_signature(request, draft, at=at)


def _with_first_signature(
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


def refuse_draft(
    draft: Parameter | RuleVersion,
    *,
    flow: str,
    subject: str,
    reason: str,
    by: Any,
    at: datetime,
    put: Callable[[], ApprovalRequest],
) -> None:
    """Answer a draft's request with no, or take it back where `by` wrote it. Raises: PermissionDenied for a stranger."""
    verb = ApprovalVerb.WITHDRAW if draft.drafted_by_id == by.pk else ApprovalVerb.REFUSE
    answer_approval(flow=flow, subject=subject, verb=verb, comment=reason, by=by, at=at, put=put)
