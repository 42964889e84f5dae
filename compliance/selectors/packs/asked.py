"""Packs as their list and pages show them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from compliance.models import InspectorPack
from compliance.permissions import can_read_packs


def packs_visible_to(user: Any) -> QuerySet[InspectorPack]:
    """Return a person's own packs; inspectors see all. A pack holds what its asker may open, not what others may."""
    rows = InspectorPack.objects.select_related("asked_by", "file", "job")
    if not can_read_packs(user):
        return rows.none()
    return rows if user.has_role("inspector") else rows.filter(asked_by=user)


def pack_visible_to(user: Any, pk: Any) -> InspectorPack | None:
    """Return one pack, or None where the person may not see it."""
    return packs_visible_to(user).filter(pk=pk).first()
