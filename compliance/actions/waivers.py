"""Ask for an exception beforehand, and decide it outside the requester's reporting line."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions, selectors
from compliance.choices import WaiverState
from compliance.models import Waiver
from compliance.selectors.people import people_with_role
from compliance.selectors.statutes import covering
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

from .recording import record

LONGEST = timedelta(days=92)


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
    if not reason.strip():
        raise WaiverNotRequested(_("Please give the reason."), field="reason")
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
    for person in _deciders(waiver, at):
        _tell(
            person,
            waiver,
            "waiver_requested",
            f"{by} 申请 {rule} 的例外",
            f"{by} asks for an exception from {rule}",
            at,
        )
    return waiver


@transaction.atomic
def decide_waiver(
    *, waiver_id: UUID, grant: bool, reason: str, in_reporting_line: bool, by: Any, at: datetime
) -> Waiver:
    """Grant or refuse a requested exception. `in_reporting_line`: `by` reports to, or manages, the requester.

    Raises: PermissionDenied if the rule names another role; WaiverNotDecided. Nothing has changed.
    Source: regulations reference §13, the giver of a waiver stands outside the requester's reporting line.
    """
    waiver = Waiver.objects.select_for_update(of=("self",)).get(pk=waiver_id)
    if not permissions.can_decide_waiver(by, waiver, approver_role=selectors.waiver_role(waiver.rule, at)):
        raise PermissionDenied
    if waiver.state != WaiverState.REQUESTED:
        raise WaiverNotDecided(_("This request was decided already."))
    if in_reporting_line:
        raise WaiverNotDecided(_("Somebody outside the reporting line decides this."))
    if waiver.valid_until <= localtime(at).date():
        raise WaiverNotDecided(_("The days it asks for are past."))
    if not reason.strip():
        raise WaiverNotDecided(_("Please give the reason."), field="reason")
    waiver.state = WaiverState.GRANTED if grant else WaiverState.REFUSED
    waiver.decided_by, waiver.decided_at, waiver.decision_reason = by, at, reason.strip()
    waiver.save()
    event = "compliance.waiver_granted" if grant else "compliance.waiver_refused"
    record(event, subject=waiver.subject, by=by, at=at, reason=waiver.decision_reason, rows=[waiver])
    zh, en = ("已同意", "was granted") if grant else ("未同意", "was refused")
    _tell(
        waiver.requested_by,
        waiver,
        "waiver_decided",
        f"{waiver.rule} 的例外{zh}",
        f"The exception from {waiver.rule} {en}",
        at,
    )
    return waiver


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


def _deciders(waiver: Waiver, at: datetime) -> list[Any]:
    role = selectors.waiver_role(waiver.rule, at)
    names = (role, *permissions.DELEGATES.get(role, ()))
    people = {person.pk: person for name in names for person in people_with_role(name)}
    return [person for person in people.values() if person.pk != waiver.requested_by_id]


def _tell(person: Any, waiver: Waiver, kind: str, zh: str, en: str, at: datetime) -> None:
    url = reverse("compliance:waiver-detail", args=[waiver.pk])
    notify(
        recipient=person,
        kind=f"compliance.{kind}",
        zh=zh,
        en=en,
        at=at,
        url=url,
        subject=f"waiver:{waiver.pk}",
    )
