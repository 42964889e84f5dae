"""Seats of reviews that wait for a person, as the one inbox shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance.flows import Waiting

from .desk import seats_waiting_for

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

MOST = 50


def waiting_reviews(user: User) -> Iterable[Waiting]:
    """Return the seats a person may decide, the first due first. Cost: one query."""
    for seat in seats_waiting_for(user)[:MOST]:
        version = seat.round.version
        yield Waiting(
            _("Review of a material"),
            str(version),
            reverse("content:version-detail", args=[version.pk]),
            str(version.author),
            seat.round.due_at,
        )
