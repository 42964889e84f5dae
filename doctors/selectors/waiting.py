"""Drafts of consent notices that a second person publishes, as the one inbox shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance.flows import Waiting
from compliance.selectors.waiting import due_by
from doctors.choices import NoticeState
from doctors.models import ConsentNotice
from doctors.permissions import can_keep_notices

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

MOST = 50


def notices_waiting(user: User) -> Iterator[Waiting]:
    """Return drafts of notices that somebody else wrote. Cost: one query."""
    if not can_keep_notices(user):
        return
    rows = ConsentNotice.objects.filter(state=NoticeState.DRAFT).exclude(drafted_by=user)
    for notice in rows.select_related("purpose", "drafted_by").order_by("created_at")[:MOST]:
        yield Waiting(
            _("Consent notice to publish"),
            str(notice),
            reverse("doctors:notice-detail", args=[notice.pk]),
            str(notice.drafted_by or ""),
            due_by(notice.created_at),
        )
