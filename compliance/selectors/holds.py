"""Which subjects are stopped, and by which hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Max, Q, QuerySet

from compliance.models import Hold, HoldSubject, StoredVerdict


@dataclass(frozen=True)
class HeldBy:
    """One subject and the hold that stops it."""

    hold_id: UUID
    subject: str
    reason: str
    placed_by: str
    placed_at: datetime


def is_held(subjects: Iterable[str], at: datetime) -> bool:
    """Return whether any of the subjects is on hold at a moment. Cost: one query."""
    return _in_force(subjects, at, at).exists()


def is_held_by_now(subjects: Iterable[str], at: datetime, *, until_commit: bool = False) -> bool:
    """Return whether any of the subjects was put on hold by now and not lifted by the moment a job began.

    `until_commit` keeps new holds from committing before the running act does. Cost: one query, two with `until_commit`.
    """
    named = sorted({subject for subject in subjects if subject})
    if until_commit:
        _keep_new_holds_waiting(named)
    return _any_held(named, at, None)


def held_of(subjects: Iterable[str], at: datetime, *, until_commit: bool = False) -> list[HeldBy]:
    """Return which holds stop which of the subjects at a moment, oldest hold first.

    `until_commit` is for an act about to be done: a hold placed after `at` counts too, since a job bears the moment at
    which it began, and new holds on these subjects wait until the running act has committed.
    Cost: one query, two with `until_commit`, one more where something is held.
    """
    named = sorted({subject for subject in subjects if subject})
    if not named:
        return []
    if until_commit:
        _keep_new_holds_waiting(named)
    placed_by = None if until_commit else at
    if not _any_held(named, at, placed_by):
        return []
    return [
        HeldBy(
            hold_id=row.hold_id,
            subject=row.subject,
            reason=row.hold.reason,
            placed_by=str(row.hold.placed_by) if row.hold.placed_by else "",
            placed_at=row.hold.placed_at,
        )
        for row in _in_force(named, at, placed_by)
        .select_related("hold__placed_by")
        .order_by("hold__placed_at", "pk")
    ]


def last_hold_at() -> str:
    """Return the moment at which a hold was last placed or lifted, or empty. Cost: one query over the few holds."""
    newest = Hold.objects.aggregate(newest=Max("updated_at"))["newest"]
    return newest.isoformat() if newest else ""


def holds_in_force(at: datetime) -> QuerySet[Hold]:
    """Return the holds in force at a moment, newest first, with their subjects. Cost: two queries."""
    return (
        Hold.objects.filter(Q(lifted_at__isnull=True) | Q(lifted_at__gt=at), placed_at__lte=at)
        .select_related("placed_by", "case")
        .prefetch_related("subjects")
        .order_by("-placed_at")
    )


def acts_stopped_by(hold: Hold, subjects: Iterable[str], *, most: int = 100) -> list[StoredVerdict]:
    """Return the acts that were refused or marked because of a hold, newest first. Cost: one query by index."""
    met = Q()
    for subject in subjects:
        met |= Q(body__held__contains=[subject])
    rows = StoredVerdict.objects.filter(met, breached__contains=["HOLD-01"], judged_at__gte=hold.placed_at)
    if hold.lifted_at:
        rows = rows.filter(judged_at__lte=hold.lifted_at)
    return list(rows.select_related("judged_by").order_by("-judged_at")[:most])


def holds_lifted() -> QuerySet[Hold]:
    """Return the holds that were lifted, with their subjects. Cost: two queries."""
    return (
        Hold.objects.filter(lifted_at__isnull=False)
        .select_related("placed_by", "lifted_by")
        .prefetch_related("subjects")
    )


def lock_keys(subjects: Iterable[str]) -> list[int]:
    """Return the advisory lock of each subject, in locking order."""
    return sorted(
        int.from_bytes(hashlib.sha256(b"hold:" + subject.encode()).digest()[:8], "big", signed=True)
        for subject in subjects
    )


def _keep_new_holds_waiting(subjects: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(key) FROM unnest(%s) key", [lock_keys(subjects)])


def _any_held(subjects: list[str], at: datetime, placed_by: datetime | None) -> bool:
    """Return whether anything of these is held: every act asks, and nearly always nothing is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM compliance_holdsubject s JOIN compliance_hold h ON h.id = s.hold_id"
            " WHERE s.subject = ANY(%s) AND h.placed_at <= coalesce(%s, 'infinity'::timestamptz)"
            " AND (h.lifted_at IS NULL OR h.lifted_at > %s))",
            [subjects, placed_by, at],
        )
        return bool(cursor.fetchone()[0])


def _in_force(subjects: Iterable[str], at: datetime, placed_by: datetime | None) -> QuerySet[HoldSubject]:
    """Return what is not lifted at a moment, of all holds there are or of those placed until a moment."""
    rows = HoldSubject.objects.filter(
        Q(hold__lifted_at__isnull=True) | Q(hold__lifted_at__gt=at), subject__in=list(subjects)
    )
    return rows if placed_by is None else rows.filter(hold__placed_at__lte=placed_by)
