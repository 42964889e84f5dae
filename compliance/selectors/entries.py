"""The ledger as people read it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import make_aware

from compliance.models import LedgerEntry, LedgerLeaf
from compliance.selectors.versions import canonical_rows, sha256_of


def entries_matching(
    *,
    subject: str = "",
    event: str = "",
    actor: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[LedgerEntry]:
    """Return entries by subject, beginning of the event's name, name of the actor, and days."""
    rows = LedgerEntry.objects.select_related("verdict")
    if subject:
        rows = rows.filter(subject=subject)
    if event:
        rows = rows.filter(event__startswith=event)
    if actor:
        rows = rows.filter(actor_name=actor)
    if since:
        rows = rows.filter(at__gte=_midnight(since))
    return rows.filter(at__lt=_midnight(until + timedelta(days=1))) if until else rows


def leaf_numbers(entries: list[LedgerEntry]) -> dict[Any, int]:
    """Return the leaf number of each entry that is sealed. Cost: one query."""
    keys = [entry.pk for entry in entries]
    return dict(LedgerLeaf.objects.filter(entry_id__in=keys).values_list("entry_id", "number"))


def rows_now(entry: LedgerEntry, *, most: int = 50) -> list[dict[str, Any]]:
    """Return an entry's row versions, each with whether it still agrees with the entry."""
    shown = entry.rows[:most]
    still = {sha256_of(text) for text in canonical_rows(shown)}
    return [row | {"agrees": row["sha256"] in still if row["sha256"] else None} for row in shown]


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))
