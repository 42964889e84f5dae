"""A drafted notice is put to the approval engine: a second person publishes it, sends it back or refuses it.

Source: PIPL 14, 17.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.choices import ApprovalState, ApprovalVerb
from compliance.flows import Answer, Decision
from compliance.selectors.approvals import open_request, requests_about
from doctors import permissions
from doctors.choices import NoticeState
from doctors.models import ConsentNotice
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError

if TYPE_CHECKING:
    from compliance.models import ApprovalRequest

FLOW = "doctors.notice"  # registered in apps.py
DAYS_TO_ANSWER = 5


class NoticeNotPublished(DomainError):
    """The notice was not published; the one in force still holds."""

    code = "notice_not_published"


@transaction.atomic
def publish_notice(*, notice_id: UUID, by: User, at: datetime) -> ConsentNotice:
    """Publish a draft as the second person; a change of substance makes earlier consents lapse on its first day.

    One answer to its request in the approval engine.
    Raises: PermissionDenied; NoticeNotPublished for its author, for one that is no draft, or that went back to its
    author. Nothing has changed then. Source: PIPL 14(2).
    """
    notice = ConsentNotice.objects.get(pk=notice_id)
    _may_publish(notice, by)
    return _answered(notice, ApprovalVerb.AGREE, by=by, at=at)


@transaction.atomic
def return_notice(*, notice_id: UUID, reason: str, by: User, at: datetime) -> ConsentNotice:
    """Send a draft back to its author, with words: it stays a draft and waits for nobody until it is changed.

    Raises: PermissionDenied; NoticeNotPublished; ApprovalNotDecided without words.
    """
    notice = ConsentNotice.objects.get(pk=notice_id)
    _may_publish(notice, by)
    return _answered(notice, ApprovalVerb.RETURN, by=by, at=at, comment=reason)


@transaction.atomic
def drop_notice(*, notice_id: UUID, by: User, at: datetime, reason: str = "") -> ConsentNotice:
    """Drop a draft; its number is not used again. Its author withdraws it, anybody else refuses it and says why.

    Raises: PermissionDenied; NoticeNotPublished for no draft; ApprovalNotDecided where somebody else gives no words.
    """
    notice = ConsentNotice.objects.get(pk=notice_id)
    _may_answer(notice, by)
    if notice.drafted_by_id != by.pk:
        return _answered(notice, ApprovalVerb.REFUSE, by=by, at=at, comment=reason)
    if law.lock_request(FLOW, subject_of(notice)) is None:  # it went back to its author
        notice = _locked(notice.pk)
        _may_answer(notice, by)  # meanwhile somebody else may have published it
        return _drop(notice, by=by, at=at, reason=reason.strip())
    return _answered(notice, ApprovalVerb.WITHDRAW, by=by, at=at, comment=reason)


def put_notice(notice: ConsentNotice, *, at: datetime) -> ApprovalRequest:
    """Ask those who keep notices for a draft as it stands. Its author is who asks, so never who publishes."""
    return law.open_approval(
        subject=subject_of(notice),
        flow=FLOW,
        by=notice.drafted_by,
        at=at,
        steps=[law.Stage(roles=permissions.NOTICE_KEEPERS)],
        due_at=law.due_after(at, DAYS_TO_ANSWER),
        payload={"notice": str(notice.pk), "version": notice.version, "sha256": notice.sha256},
    )


def put_notices(at: datetime) -> int:
    """Put every draft that waits and has no request to the engine. Safe to run twice. Returns: how many are new."""
    waiting = (
        ConsentNotice.objects.filter(state=NoticeState.DRAFT).select_related("drafted_by").order_by("pk")
    )
    new = [
        one
        for one in waiting
        if open_request(FLOW, subject_of(one)) is None and not went_back(subject_of(one))
    ]
    for notice in new:
        put_notice(notice, at=at)
    return len(new)


def check_notice_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; NoticeNotPublished, also where the words are no longer those that were asked for."""
    notice = _locked(UUID(answer.payload["notice"]))
    _may_publish(notice, answer.by)
    if answer.verb == ApprovalVerb.AGREE and notice.sha256 != answer.payload["sha256"]:
        raise NoticeNotPublished(_("The words changed after approval was asked. Read them anew."))


@transaction.atomic
def carry_out_notice(*, decision: Decision) -> None:
    """Publish an agreed draft, drop one that was refused or withdrawn; one that was returned stays with its author."""
    by, at = decision.by, decision.at
    if decision.outcome == ApprovalState.RETURNED:
        return
    notice = _locked(UUID(decision.payload["notice"]))
    if decision.outcome != ApprovalState.APPROVED:
        _drop(notice, by=by, at=at, reason=decision.comment)
        return
    notice.state, notice.published_by, notice.published_at = NoticeState.PUBLISHED, by, at
    notice.valid_from = max(notice.valid_from, localtime(at).date())
    notice.save()
    law.record("doctors.notice_published", subject=subject_of(notice), by=by, at=at, rows=[notice])


def subject_of(notice: ConsentNotice) -> str:
    """Return how the ledger names a notice."""
    return f"notice:{notice.pk}"


def went_back(subject: str) -> bool:
    """Return whether the newest request about a notice was sent back to its author."""
    latest = requests_about(FLOW, subject).first()
    return latest is not None and latest.state == ApprovalState.RETURNED


def _answered(
    notice: ConsentNotice, verb: str, *, by: User, at: datetime, comment: str = ""
) -> ConsentNotice:
    def put() -> ApprovalRequest:
        if went_back(subject_of(notice)):
            raise NoticeNotPublished(_("It went back to its author, who changes it and asks again."))
        return put_notice(notice, at=at)

    law.answer_approval(
        flow=FLOW, subject=subject_of(notice), verb=verb, comment=comment.strip(), by=by, at=at, put=put
    )
    notice.refresh_from_db()
    return notice


def _drop(notice: ConsentNotice, *, by: User, at: datetime, reason: str) -> ConsentNotice:
    notice.state = NoticeState.DROPPED
    notice.save()
    law.record(
        "doctors.notice_dropped", subject=subject_of(notice), by=by, at=at, reason=reason, rows=[notice]
    )
    return notice


def _may_answer(notice: ConsentNotice, by: User) -> None:
    if not permissions.can_keep_notices(by):
        raise PermissionDenied
    if notice.state != NoticeState.DRAFT:
        raise NoticeNotPublished(_("This version is no draft any more."))


def _may_publish(notice: ConsentNotice, by: User) -> None:
    _may_answer(notice, by)
    if notice.drafted_by_id == by.pk:
        raise NoticeNotPublished(_("Whoever wrote a notice does not publish it. Ask a colleague."))


def _locked(notice_id: Any) -> ConsentNotice:
    return ConsentNotice.objects.select_for_update(of=("self",)).get(pk=notice_id)


def notice_of(payload: Mapping[str, Any]) -> ConsentNotice:
    """Return the notice a request is about, with its purpose."""
    return ConsentNotice.objects.select_related("purpose", "drafted_by").get(pk=UUID(payload["notice"]))
