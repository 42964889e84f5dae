"""Decisions of the kernel that take a second person and are given on their own pages, as the one inbox shows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy

from compliance.choices import WatchState
from compliance.flows import Waiting
from compliance.models import WatchedAct
from compliance.permissions import (
    can_handle_findings,
)
from compliance.rules.working_days import working_day_after
from compliance.subjects import title_of

MOST = 50
DAYS_TO_ANSWER = 5


def due_by(asked_at: datetime, days: int = DAYS_TO_ANSWER) -> datetime:
    """Return the same time of day, some working days later."""
    day = localtime(asked_at).date()
    return asked_at + (working_day_after(day, days) - day)


def watched_waiting(user: Any) -> Iterator[Waiting]:
    """Return drawn acts whose reason was given and that somebody else reviews. Cost: one query, one for each title."""
    if not can_handle_findings(user):
        return
    rows = WatchedAct.objects.filter(state=WatchState.ANSWERED, is_sampled=True).exclude(asked_of=user)
    for one in rows.select_related("asked_of").order_by("due_at")[:MOST]:
        yield Waiting(
            gettext_lazy("Review of a watched act"),
            f"{one.rule} {title_of(one.subject)}",
            reverse("compliance:watched-detail", args=[one.pk]),
            str(one.asked_of),
            due_by(one.answered_at or one.due_at),
        )
