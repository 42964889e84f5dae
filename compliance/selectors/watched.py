"""Reads of watched acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from compliance.choices import WatchState
from compliance.models import WatchedAct
from compliance.permissions import can_handle_findings


def watched_visible_to(
    user: Any, *, state: str = "", rule: str = "", sampled: bool = False
) -> QuerySet[WatchedAct]:
    """Return watched acts: all for compliance and inspectors, one's own for everybody else."""
    rows = WatchedAct.objects.select_related("asked_of", "reviewed_by")
    if not (can_handle_findings(user) or user.has_role("inspector")):
        rows = rows.filter(asked_of=user)
    if state:
        rows = rows.filter(state=state)
    if sampled:
        rows = rows.filter(is_sampled=True)
    return rows.filter(rule=rule) if rule else rows


def to_review() -> int:
    """Return how many sampled acts wait for their review. Cost: one query by index."""
    return WatchedAct.objects.filter(state=WatchState.ANSWERED, is_sampled=True).count()


def late(at: datetime) -> int:
    """Return how many reasons are overdue. Cost: one query by index."""
    return WatchedAct.objects.filter(state=WatchState.ASKED, due_at__lt=at).count()
