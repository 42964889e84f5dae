"""The ways a version stops being shown: withdrawn, recalled, expired, superseded. Stopping needs nobody's leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from content import permissions, rules
from content.choices import MaterialStatus, RoundOutcome, SeatDecision
from content.models import MaterialVersion, Release, ReviewRound
from pharmacrm.common.errors import DomainError
from pharmacrm.common.outbox import enqueue

from .locking import RELEASE, REVIEW, demand, locked_version

EVENTS = {
    MaterialStatus.WITHDRAWN: "content.material_withdrawn",
    MaterialStatus.RECALLED: "content.material_recalled",
    MaterialStatus.EXPIRED: "content.material_expired",
    MaterialStatus.SUPERSEDED: "content.material_superseded",
}


class MaterialNotEnded(DomainError):
    """The version is in no state from which it could end this way; nothing has changed."""

    code = "material_not_ended"


@transaction.atomic
def withdraw_version(*, version_id: UUID, reason: str, by: Any, at: datetime) -> MaterialVersion:
    """Stop a version: online devices drop it within a minute, others when their lease ends.

    Raises: PermissionDenied, MaterialNotEnded.
    """
    version = locked_version(version_id)
    demand(permissions.can_withdraw(by, version))
    return _end_by_hand(version, MaterialStatus.WITHDRAWN, reason=reason, by=by, at=at)


@transaction.atomic
def recall_version(*, version_id: UUID, reason: str, by: Any, at: datetime) -> MaterialVersion:
    """Recall a version: it stops, and everybody it was shown to has to be told. Raises: as withdraw_version."""
    version = locked_version(version_id)
    demand(permissions.can_recall(by))
    return _end_by_hand(version, MaterialStatus.RECALLED, reason=reason, by=by, at=at)


def expire_versions(*, on: date, at: datetime) -> int:
    """Mark every released version whose last day has passed as expired. Safe to run twice.

    Returns: how many expired now. Each in its own transaction.
    """
    due = MaterialVersion.objects.filter(status=MaterialStatus.RELEASED, expires_on__lte=on).order_by("pk")
    return end_versions(
        list(due.values_list("pk", flat=True)),
        status=MaterialStatus.EXPIRED,
        reason="",
        by=None,
        at=at,
    )


def end_versions(version_ids: Sequence[UUID], *, status: str, reason: str, by: Any, at: datetime) -> int:
    """End each version that can end so; others are left alone. Returns: how many ended."""
    ended = 0
    for pk in sorted(version_ids):
        with transaction.atomic():
            version = locked_version(pk)
            if rules.may_material_move(version.status, status):
                end_version(version, status, reason=reason, by=by, at=at)
                ended += 1
    return ended


def end_version(version: MaterialVersion, status: str, *, reason: str, by: Any, at: datetime) -> None:
    """End a locked version inside the running act, with its ledger entry and what follows."""
    rows: list[Any] = [version]
    version.status, version.ended_at, version.ended_reason = status, at, reason
    version.save()
    release = Release.objects.select_for_update().filter(version=version, ended_at__isnull=True).first()
    if release is not None:
        release.ended_at = at
        release.save()
        rows.append(release)
    rows += void_round(version, reason=reason, by=by, at=at)
    law.record(
        EVENTS[MaterialStatus(status)],
        subject=f"material_version:{version.pk}",
        by=by,
        at=at,
        reason=reason,
        rows=rows,
    )
    enqueue("content.tell_of_ending", version_id=version.pk)


def void_round(
    version: MaterialVersion, *, reason: str, by: Any, at: datetime, outcome: str = RoundOutcome.VOID
) -> list[ReviewRound | Any]:
    """Close the open round of a locked version, end what is asked about it, and void what was signed. Returns: the rows changed."""
    changed: list[Any] = []
    for flow in (REVIEW, RELEASE):
        law.void_approval(flow=flow, subject=f"material_version:{version.pk}", reason=reason, by=by, at=at)
    for passage in ReviewRound.objects.select_for_update().filter(
        version=version, outcome__in=(RoundOutcome.OPEN, RoundOutcome.APPROVED)
    ):
        if passage.outcome == RoundOutcome.APPROVED and version.status != MaterialStatus.DRAFT:
            continue
        passage.outcome, passage.closed_at = outcome, at
        passage.save()
        changed.append(passage)
        for seat in passage.seats.select_for_update().order_by("pk"):
            seat.decision = SeatDecision.VOID
            seat.save()
            changed.append(seat)
    return changed


def _end_by_hand(
    version: MaterialVersion, status: str, *, reason: str, by: Any, at: datetime
) -> MaterialVersion:
    if not rules.may_material_move(version.status, status):
        raise MaterialNotEnded(
            _("Version %(version)s is %(state)s; it cannot be stopped this way.")
            % {"version": version, "state": version.get_status_display()}
        )
    if not reason.strip():
        raise MaterialNotEnded(_("Say why it stops."), field="reason")
    end_version(version, status, reason=reason, by=by, at=at)
    return version
