"""Ask for an exception beforehand, and decide it outside the requester's reporting line."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions, selectors
from compliance.choices import ApprovalState, ApprovalVerb, WaiverState
from compliance.flows import Answer, Decision
from compliance.models import ApprovalRequest, Waiver
from compliance.selectors.packs.finding import is_there
from compliance.selectors.people import people_with_role
from compliance.selectors.statutes import covering
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

from .answering import answer_approval
from .approvals import Stage, due_after, open_approval
from .recording import record
from .words import refuse_words

FLOW = "compliance.waiver"  # registered in apps.py
LONGEST = timedelta(days=92)
DAYS_TO_ANSWER = 2
OUTCOMES = {
    ApprovalState.APPROVED: WaiverState.GRANTED,
    ApprovalState.REFUSED: WaiverState.REFUSED,
    ApprovalState.RETURNED: WaiverState.RETURNED,
    ApprovalState.WITHDRAWN: WaiverState.WITHDRAWN,
}


class WaiverNotRequested(DomainError):
    """The request was not taken."""

    code = "waiver_not_requested"


class WaiverNotDecided(DomainError):
    """The waiver stays as it is."""

    code = "waiver_not_decided"


@transaction.atomic
def request_waiver(
    *, rule: str, subject: str, reason: str, valid_from: date, valid_until: date, by: Any, at: datetime
) -> Waiver:
    """Ask for an exception from one waivable rule for one subject, for at most three months.

    Raises: PermissionDenied; WaiverNotRequested. Nothing has changed.
    """
    if not permissions.can_request_waiver(by):
        raise PermissionDenied
    today = localtime(at).date()
    if not selectors.waiver_role(rule, at):
        raise WaiverNotRequested(_("No exception can be made from this rule."), field="rule")
    if ":" not in subject:
        raise WaiverNotRequested(_("Please say what the exception is for."), field="subject")
    if not is_there(subject):
        raise WaiverNotRequested(
            _("There is no such record. Give its code, its name, or the address of its page."),
            field="subject",
        )
    if not reason.strip():
        raise WaiverNotRequested(_("Please give the reason."), field="reason")
    refuse_words("waiver.reason", [reason], subject=subject, by=by, at=at)
    if valid_from < today or valid_until <= valid_from:
        raise WaiverNotRequested(_("An exception covers coming days only."), field="valid_until")
    if valid_until - valid_from > LONGEST:
        raise WaiverNotRequested(_("An exception lasts three months at most."), field="valid_until")
    waiver = Waiver.objects.create(
        rule=rule,
        subject=subject,
        reason=reason.strip(),
        valid_from=valid_from,
        valid_until=valid_until,
        requested_by=by,
        requested_at=at,
    )
    record("compliance.waiver_requested", subject=subject, by=by, at=at, reason=waiver.reason, rows=[waiver])
    put_waiver(waiver, at=at)
    return waiver


@transaction.atomic
def decide_waiver(*, waiver_id: UUID, grant: bool, reason: str, by: Any, at: datetime) -> Waiver:
    """Grant or refuse a requested exception: one answer to its request in the approval engine.

    Raises: PermissionDenied if the rule names another role; WaiverNotDecided, also for whoever stands in the
    requester's reporting line. Nothing has changed.
    Source: regulations reference §13, the giver of a waiver stands outside the requester's reporting line.
    """
    waiver = Waiver.objects.get(pk=waiver_id)
    _may_decide(waiver, reason, by, at)
    answer_approval(
        flow=FLOW,
        subject=f"waiver:{waiver.pk}",
        verb=ApprovalVerb.AGREE if grant else ApprovalVerb.REFUSE,
        comment=reason,
        by=by,
        at=at,
        put=lambda: put_waiver(waiver, at=at),
    )
    waiver.refresh_from_db()
    return waiver


def put_waiver(waiver: Waiver, *, at: datetime) -> ApprovalRequest:
    """Put a requested exception to the role that its rule names, or its delegates. Raises: ApprovalNotOpened."""
    role = selectors.waiver_role(waiver.rule, at)
    return open_approval(
        subject=f"waiver:{waiver.pk}",
        flow=FLOW,
        by=waiver.requested_by,
        at=at,
        steps=[Stage(roles=(role, *permissions.DELEGATES.get(role, ())))],
        due_at=due_after(at, DAYS_TO_ANSWER),
        payload={"waiver": str(waiver.pk), "rule": waiver.rule},
    )


def check_waiver_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; WaiverNotDecided."""
    waiver = Waiver.objects.select_for_update(of=("self",)).get(pk=UUID(answer.payload["waiver"]))
    _may_decide(waiver, answer.comment, answer.by, answer.at, field="comment")


@transaction.atomic
def carry_out_waiver(*, decision: Decision) -> None:
    """Enter the answer to an exception: granted, refused, returned to its asker, or taken back by them."""
    waiver = Waiver.objects.select_for_update(of=("self",)).get(pk=UUID(decision.payload["waiver"]))
    waiver.state = OUTCOMES[ApprovalState(decision.outcome)]
    if waiver.state != WaiverState.WITHDRAWN:
        waiver.decided_by, waiver.decided_at = decision.by, decision.at
        waiver.decision_reason = decision.comment
    waiver.save()
    record(
        f"compliance.waiver_{waiver.state}",
        subject=waiver.subject,
        by=decision.by,
        at=decision.at,
        reason=decision.comment,
        rows=[waiver],
    )


def _may_decide(waiver: Waiver, reason: str, by: Any, at: datetime, *, field: str = "reason") -> None:
    if not permissions.can_decide_waiver(by, waiver, approver_role=selectors.waiver_role(waiver.rule, at)):
        raise PermissionDenied
    if waiver.state != WaiverState.REQUESTED:
        raise WaiverNotDecided(_("This request was decided already."))
    if import_string(settings.REPORTING_LINE)(by, waiver.requested_by):
        raise WaiverNotDecided(_("Somebody outside the reporting line decides this."))
    if waiver.valid_until <= localtime(at).date():
        raise WaiverNotDecided(_("The days it asks for are past."))
    if not reason.strip():
        raise WaiverNotDecided(_("Please give the reason."), field=field)


@transaction.atomic
def revoke_waiver(*, waiver_id: UUID, reason: str, by: Any, at: datetime) -> Waiver:
    """End a granted exception at once. Raises: PermissionDenied; WaiverNotDecided if it is not granted."""
    waiver = Waiver.objects.select_for_update(of=("self",)).get(pk=waiver_id)
    if not permissions.can_change_rules(by):
        raise PermissionDenied
    if waiver.state != WaiverState.GRANTED:
        raise WaiverNotDecided(_("Only a granted exception can be revoked."))
    if not reason.strip():
        raise WaiverNotDecided(_("Please give the reason."), field="reason")
    waiver.state = WaiverState.REVOKED
    waiver.save()
    record(
        "compliance.waiver_revoked",
        subject=waiver.subject,
        by=by,
        at=at,
        reason=reason.strip(),
        rows=[waiver],
    )
    return waiver


def tell_waivers_of_month(*, on: date, at: datetime) -> int:
    """Hand compliance the list of exceptions that covered the month before `on`. Safe to run twice: it is told once.

    Returns: how many exceptions were granted for a day of it.
    Source: regulations reference §13, every waiver is in a monthly report.
    """
    month = (on.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    granted = covering(Waiver.objects.filter(state=WaiverState.GRANTED), month).count()
    for officer in people_with_role("compliance"):
        notify(
            recipient=officer,
            kind="compliance.waivers_of_month",
            zh=f"{month} 例外清单：{granted} 件",
            en=f"Exceptions of {month}: {granted}",
            at=at,
            url=f"{reverse('compliance:waiver-list')}?month={month}",
            subject=f"waivers:{month}",
        )
    return granted
