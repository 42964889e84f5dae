"""Speakers whose choice somebody outside sales verifies, as the one inbox shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from activities.choices import SpeakerState
from activities.models import Speaker
from activities.permissions import can_verify_speaker
from compliance.flows import Waiting
from compliance.selectors.waiting import due_by
from pharmacrm.accounts.choices import Role

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

MOST = 50
DAYS_TO_VERIFY = 3


def speakers_waiting(user: User) -> Iterator[Waiting]:
    """Return speakers proposed with a reason, due before their event begins. Cost: one query, two joined in."""
    if not user.has_role(Role.MEDICAL, Role.COMPLIANCE):
        return
    rows = Speaker.objects.filter(state=SpeakerState.PROPOSED).exclude(selection_reason="")
    for speaker in rows.select_related("event__organiser", "proposed_by").order_by("created_at")[:MOST]:
        if can_verify_speaker(user, speaker.event):
            yield Waiting(
                _("Choice of a speaker"),
                speaker.event.title,
                reverse("activities:event-detail", args=[speaker.event_id]),
                str(speaker.proposed_by or speaker.event.organiser),
                min(due_by(speaker.created_at, DAYS_TO_VERIFY), speaker.event.starts_at),
            )
