"""Tell the people of a territory once that tiers of their doctors changed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from doctors.models import Assignment, ScoringRun, TierAssignment
from pharmacrm.accounts.models import User
from pharmacrm.common.notifications import notify

from .engagement import SHANGHAI


def announce_tier_changes(*, run_id: UUID, at: datetime) -> int:
    """Tell each person who works in a territory how many tiers changed there; who was told is not told again.

    First tiers are no news. Returns: how many people were addressed. Safe to run twice.
    """
    run = ScoringRun.objects.get(pk=run_id)
    on = at.astimezone(SHANGHAI).date()
    moved = TierAssignment.objects.filter(run=run).exclude(tier_before="")
    held = Q(valid_until__isnull=True) | Q(valid_until__gt=on)
    by_territory = dict(
        Assignment.objects.filter(held, valid_from__lte=on, doctor__in=moved.values("doctor_id"))
        .values_list("territory_id")
        .annotate(Count("doctor_id", distinct=True))
    )
    people = (
        User.objects.filter(
            Q(memberships__valid_until__isnull=True) | Q(memberships__valid_until__gt=on),
            memberships__valid_from__lte=on,
            memberships__territory_id__in=by_territory,
            is_active=True,
        )
        .values_list("pk", "memberships__territory_id")
        .order_by("pk")
    )
    totals: dict[UUID, int] = {}
    for person_id, territory in people:
        totals[person_id] = totals.get(person_id, 0) + by_territory.get(territory, 0)
    for person in User.objects.filter(pk__in=totals):
        count = totals[person.pk]
        notify(
            recipient=person,
            kind="doctors.tier_changes",
            zh=f"您辖区内 {count} 位医生的分层有变化",
            en=f"The tier of {count} doctors in your territory changed",
            at=at,
            url=f"/doctors/segmentation/runs/{run.pk}/",
            subject=f"scoring_run:{run.pk}",
        )
    return len(totals)
