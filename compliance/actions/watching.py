"""Grade 关注: the author of an act gives the reason, and compliance reviews a published share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.answering import answer_approval, put_unasked
from compliance.actions.approvals import Stage, due_after, open_approval
from compliance.actions.recording import record
from compliance.actions.words import refuse_words
from compliance.choices import ApprovalVerb, WatchState
from compliance.flows import Answer, Decision
from compliance.models import ApprovalRequest, WatchedAct
from pharmacrm.common.errors import DomainError

FLOW = "compliance.watched"  # registered in seconded.py
DAYS_TO_ANSWER = 5


class WatchedActNotMoved(DomainError):
    """The reason, or the review, was not taken; nothing has changed."""

    code = "watched_act_not_moved"


@transaction.atomic
def give_reason(*, watched_id: UUID, reason: str, by: Any, at: datetime) -> WatchedAct:
    """Give the reason for one's own watched act. Raises: PermissionDenied; WatchedActNotMoved."""
    watched = WatchedAct.objects.select_for_update(of=("self",)).get(pk=watched_id)
    if watched.asked_of_id != by.pk:
        raise PermissionDenied
    if watched.state != WatchState.ASKED:
        raise WatchedActNotMoved(_("The reason was given already."))
    if not reason.strip():
        raise WatchedActNotMoved(_("Please give the reason."), field="reason")
    refuse_words("watched.reason", [reason], subject=watched.subject, by=by, at=at)
    watched.state, watched.reason, watched.answered_at = WatchState.ANSWERED, reason.strip(), at
    watched.save()
    subject = watched.subject
    record("compliance.reason_given", subject=subject, by=by, at=at, reason=watched.reason, rows=[watched])
    if watched.is_sampled:
        put_watched(watched, at=at)
    return watched


@transaction.atomic
def review_watched(*, watched_id: UUID, review: str, by: Any, at: datetime) -> WatchedAct:
    """Close the review of an answered act in words: the answer to its request in the approval engine.

    An act that was not drawn is asked about by being reviewed. Raises: PermissionDenied, also for one's own act;
    WatchedActNotMoved. In every case nothing has changed.
    """
    watched = WatchedAct.objects.select_related("asked_of").get(pk=watched_id)
    _may_review(watched, review, by, field="reason")
    answer_approval(
        flow=FLOW,
        subject=f"watched:{watched.pk}",
        verb=ApprovalVerb.AGREE,
        comment=review,
        by=by,
        at=at,
        put=lambda: put_watched(watched, at=at),
    )
    watched.refresh_from_db()
    return watched


def put_watched(watched: WatchedAct, *, at: datetime) -> ApprovalRequest:
    """Ask an officer to look at an act whose author gave the reason."""
    return open_approval(
        subject=f"watched:{watched.pk}",
        flow=FLOW,
        by=watched.asked_of,
        at=at,
        steps=[Stage(roles=permissions.OFFICERS)],
        due_at=due_after(at, DAYS_TO_ANSWER),
        payload={"watched": str(watched.pk), "rule": watched.rule},
    )


def put_watched_acts(at: datetime) -> int:
    """Put every drawn act that waits for its review and has no request to the engine. Safe to run twice.

    Returns: how many are new.
    """
    rows = WatchedAct.objects.filter(state=WatchState.ANSWERED, is_sampled=True)
    return put_unasked(
        FLOW, "watched", rows.select_related("asked_of").order_by("pk"), lambda one: put_watched(one, at=at)
    )


def check_watched_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; WatchedActNotMoved."""
    _may_review(_watched_of(answer.payload), answer.comment, answer.by, field="comment")


@transaction.atomic
def carry_out_watched(*, decision: Decision) -> None:
    """Keep what the review of an act found."""
    watched = _watched_of(decision.payload)
    watched.state, watched.review = WatchState.REVIEWED, decision.comment
    watched.reviewed_by, watched.reviewed_at = decision.by, decision.at
    watched.save()
    record(
        "compliance.watched_reviewed",
        subject=watched.subject,
        by=decision.by,
        at=decision.at,
        reason=watched.review,
        rows=[watched],
    )


def _watched_of(payload: Mapping[str, Any]) -> WatchedAct:
    return WatchedAct.objects.select_for_update(of=("self",)).get(pk=UUID(payload["watched"]))


def _may_review(watched: WatchedAct, words: str, by: Any, *, field: str) -> None:
    if not permissions.can_handle_findings(by) or watched.asked_of_id == by.pk:
        raise PermissionDenied
    if watched.state != WatchState.ANSWERED:
        raise WatchedActNotMoved(_("Only an act with its reason can be reviewed, and once."))
    if not words.strip():
        raise WatchedActNotMoved(_("Say what the review found."), field=field)
