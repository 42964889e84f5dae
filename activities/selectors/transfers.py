"""Reported transfers of value, summed exactly."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Sum

from activities.models import TransferOfValue


@dataclass(frozen=True)
class Total:
    """What one doctor received by one category, in whole hundredths of the currency."""

    doctor_code: str
    category: str
    currency: str
    amount_minor: int
    count: int


def totals_by_doctor(source: str) -> list[Total]:
    """Return sums and counts of a source for each doctor and category. Cost: one query."""
    rows = (
        TransferOfValue.objects.filter(source=source)
        .values("doctor__code", "category", "currency")
        .annotate(total=Sum("amount_minor"), count=Count("pk"))
        .order_by("doctor__code", "category", "currency")
    )
    return [
        Total(row["doctor__code"], row["category"], row["currency"], row["total"], row["count"])
        for row in rows
    ]


def title_of_transfer(key: str) -> str:
    """Return source and number of a reported transfer; it names nobody."""
    found = TransferOfValue.objects.filter(pk=key).first()
    return f"{found.source} {found.record_number}" if found else ""
