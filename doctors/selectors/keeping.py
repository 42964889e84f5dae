"""Names that the law kept of erased doctors, and those that nothing keeps any more."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.utils import timezone

from compliance import subjects
from doctors.models import FrozenIdentity


def names_kept_too_long(before: date, after: str, most: int) -> list[str]:
    """Return the next erased doctors whose name nothing keeps on a day, in key order. Cost: a few queries for each name kept."""
    at = datetime.combine(before, time.max, tzinfo=timezone.get_default_timezone())
    rows = FrozenIdentity.objects.filter(pk__gt=UUID(after)) if after else FrozenIdentity.objects.all()
    found: list[str] = []
    for pk in rows.order_by("pk").values_list("pk", flat=True).iterator():
        if not subjects.kept_of(f"doctor:{pk}", at):
            found.append(str(pk))
        if len(found) == most:
            break
    return found


def names_of_frozen(keys: list[str]) -> dict[str, tuple[str, ...]]:
    """Return the doctors that a hold may name."""
    return {key: (f"doctor:{key}",) for key in keys}


def erase_frozen(erase: Any) -> Any:
    """Return how one kept name is ended, given the app's own act."""

    def end(key: str, by: Any, at: datetime, run_id: UUID) -> None:
        erase(UUID(key), by=by, at=at, request_id=run_id, reason="frozen_identity")

    return end
