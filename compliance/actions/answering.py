"""Answer the request about an object by the object's own action: its page's buttons give the same answer as the inbox."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance.choices import ApprovalState, ApprovalVerb
from compliance.flows import Answer
from compliance.models import ApprovalRequest
from compliance.selectors import approvals as reads

from .approval_answers import ApprovalNotDecided
from .approvals import decide, lock_request, step_of
from .signing import SignatureProof

OF_THE_ASKER = frozenset({ApprovalVerb.WITHDRAW, ApprovalVerb.URGE})


@transaction.atomic
def answer_approval(
    *,
    flow: str,
    subject: str,
    verb: str,
    by: Any,
    at: datetime,
    put: Callable[[], ApprovalRequest],
    name: str = "",
    comment: str = "",
    proof: SignatureProof | None = None,
    to: Any = None,
    details: Mapping[str, Any] | None = None,
) -> ApprovalRequest:
    """Give an answer to the open request about a subject, at its step called `name` where several stand side by side.

    `put` asks where nothing was asked yet. Whoever asked withdraws and urges; everybody else answers what they were
    asked. Raises: PermissionDenied for who was not asked; what `decide` raises. Cost: locks the request first.
    """
    request = lock_request(flow, subject)
    if request is None:
        if verb in OF_THE_ASKER and reads.requests_about(flow, subject).exists():
            raise ApprovalNotDecided(_("This request has already been answered."))  # while it was taken back
        request = put()
    if request.opened_by_id == by.pk and verb in OF_THE_ASKER:
        step = request.steps.order_by("pk").first()
    else:
        step = step_of(request, by, at, name=name)
    if step is None:
        raise PermissionDenied
    return decide(
        step_id=step.pk, verb=verb, by=by, at=at, comment=comment, proof=proof, to=to, details=details
    )


def only_who(may_decide: Callable[[Any], bool]) -> Callable[[Answer, Any], None]:
    """Return what forbids passing a step on to somebody who may not decide it."""

    def hand(answer: Answer, to: Any) -> None:
        if not may_decide(to):
            raise ApprovalNotDecided(_("This person may not decide it."), field="to")

    return hand


def put_unasked(
    flow: str,
    kind: str,
    rows: Iterable[Any],
    put: Callable[[Any], ApprovalRequest],
    *,
    besides: Collection[str] = (),
) -> int:
    """Ask about each of some rows that has no open request of a flow, nor one in a state of `besides`.

    Safe to run twice. Returns: how many are new. Cost: two queries, and those of asking.
    """
    standing = ApprovalRequest.objects.filter(flow=flow, state__in=[ApprovalState.OPEN, *besides])
    asked = set(standing.values_list("subject", flat=True))
    new = [row for row in rows if f"{kind}:{row.pk}" not in asked]
    for row in new:
        put(row)
    return len(new)
