"""Claims and contested tiers that wait for a person, as the one inbox shows them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance.flows import Waiting
from compliance.subjects import title_of
from doctors.choices import ChangeState
from doctors.permissions import can_decide_challenge, can_decide_override

from .challenges import challenges_visible_to
from .contests import contests_waiting

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

MOST = 50


def waiting_decisions(user: User) -> Iterable[Waiting]:
    """Return what a person may decide about doctors. Cost: one query for each kind, one for each doctor's name."""
    if can_decide_challenge(user):
        today = timezone.localdate()  # noqa: TID251 - the inbox asks for what waits now
        for claim in (
            challenges_visible_to(user, today)
            .filter(state=ChangeState.OPEN)
            .exclude(asked_by=user)
            .order_by("due_on", "pk")[:MOST]
        ):
            yield Waiting(
                _("Claim about who a doctor belongs to"),
                str(claim.territory),
                reverse("doctors:claim-list"),
                str(claim.asked_by),
                timezone.make_aware(datetime.combine(claim.due_on, time(18))),
            )
    if can_decide_override(user):
        for contest in contests_waiting().exclude(asked_by=user)[:MOST]:
            yield Waiting(
                _("Contested tier"),
                title_of(f"doctor:{contest.doctor_id}"),
                reverse("doctors:tier-detail", args=[contest.doctor_id]),
                str(contest.asked_by),
                timezone.make_aware(datetime.combine(contest.due_on, time(18))),
            )
