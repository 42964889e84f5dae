"""Claims and approved materials that wait for somebody other than their author, as the one inbox shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance.flows import Waiting
from compliance.selectors.waiting import due_by
from content.choices import ClaimStatus, MaterialStatus
from content.models import Claim, MaterialVersion
from content.permissions import can_approve_claim, can_release

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


def claims_waiting(user: Any) -> Iterator[Waiting]:
    """Return claims in review that this person may approve. Cost: one query."""
    if not can_approve_claim(user):
        return
    rows = Claim.objects.filter(status=ClaimStatus.IN_REVIEW).exclude(author=user).select_related("author")
    for claim in rows.order_by("updated_at")[:MOST]:
        yield Waiting(
            _("Claim to approve"),
            f"{claim.code} {claim.text_zh[:60]}",
            reverse("content:claim-detail", args=[claim.pk]),
            str(claim.author),
            due_by(claim.updated_at),
        )
