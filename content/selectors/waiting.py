"""Approved materials that wait for somebody other than their author, as the one inbox shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance.flows import Waiting
from compliance.selectors.waiting import due_by
from content.choices import MaterialStatus
from content.models import MaterialVersion
from content.permissions import can_release

MOST = 50


def releases_waiting(user: Any) -> Iterator[Waiting]:
    """Return approved versions that this person may release; their author may not. Cost: one query."""
    rows = MaterialVersion.objects.filter(status=MaterialStatus.APPROVED).exclude(author=user)
    for version in rows.select_related("author", "material").order_by("approved_at")[:MOST]:
        if can_release(user, version):
            yield Waiting(
                _("Material to release"),
                str(version),
                reverse("content:version-detail", args=[version.pk]),
                str(version.author),
                due_by(version.approved_at or version.updated_at),
            )
