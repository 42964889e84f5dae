"""Reviews of the audit trail as their pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from compliance import subjects
from compliance.models import LedgerEntry, TrailReview, TrailReviewItem


@dataclass(frozen=True)
class DrawnAct:
    """One drawn act with its mark."""

    item: TrailReviewItem
    entry: LedgerEntry | None
    title: str


def reviews() -> QuerySet[TrailReview]:
    """Return all reviews with how many acts were drawn, marked and questioned."""
    return TrailReview.objects.select_related("signed_by", "reviewer").annotate(
        drawn=Count("items"),
        marked=Count("items", filter=~Q(items__mark="none")),
        questioned=Count("items", filter=Q(items__mark="question")),
    )


def drawn_acts(review: TrailReview) -> list[DrawnAct]:
    """Return the drawn acts by number. Cost: two queries, and the names of their subjects."""
    items = list(review.items.select_related("marked_by").order_by("number"))
    entries = LedgerEntry.objects.select_related("verdict").in_bulk([item.entry_id for item in items])
    return [
        DrawnAct(item, entry, subjects.title_of(entry.subject) if entry else "")
        for item in items
        for entry in [entries.get(item.entry_id)]
    ]
