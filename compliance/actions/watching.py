"""Grade 关注: the author of an act gives the reason, and compliance reviews a published share."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.recording import record
from compliance.actions.words import refuse_words
from compliance.choices import WatchState
from compliance.models import WatchedAct
from pharmacrm.common.errors import DomainError


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
    return watched


@transaction.atomic
def review_watched(*, watched_id: UUID, review: str, by: Any, at: datetime) -> WatchedAct:
    """Close the review of an answered act in words. Raises: PermissionDenied, also for one's own act; WatchedActNotMoved."""
    watched = WatchedAct.objects.select_for_update(of=("self",)).get(pk=watched_id)
    if not permissions.can_handle_findings(by) or watched.asked_of_id == by.pk:
        raise PermissionDenied
    if watched.state != WatchState.ANSWERED:
        raise WatchedActNotMoved(_("Only an act with its reason can be reviewed, and once."))
    if not review.strip():
        raise WatchedActNotMoved(_("Say what the review found."), field="reason")
    watched.state, watched.review = WatchState.REVIEWED, review.strip()
    watched.reviewed_by, watched.reviewed_at = by, at
    watched.save()
    subject = watched.subject
    record(
        "compliance.watched_reviewed", subject=subject, by=by, at=at, reason=watched.review, rows=[watched]
    )
    return watched
