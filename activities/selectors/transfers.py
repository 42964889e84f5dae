"""Reported transfers of value, summed exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Max, QuerySet, Sum
from django.utils import timezone

from activities import permissions
from activities.choices import TransferSource
from activities.models import TransferOfValue
from activities.rules import in_currency
from compliance.selectors.manifest import act_of_row
from doctors import selectors as doctors
from doctors.selectors.naming import doctors_named
from pharmacrm.imports import selectors as imports

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


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


@dataclass(frozen=True)
class Reported:
    """What one source reported of one doctor in all."""

    source: str
    source_label: str
    amount: str
    count: int
    latest: date


def transfers_visible_to(user: User) -> QuerySet[TransferOfValue]:
    """Return the reported transfers a person may read: all, or none."""
    rows = TransferOfValue.objects.all()
    return rows if permissions.can_see_reported_transfers(user) else rows.none()


def transfer_filters(
    rows: QuerySet[TransferOfValue],
    *,
    user: User,
    source: str = "",
    category: str = "",
    since: date | None = None,
    until: date | None = None,
    payer: str = "",
    number: str = "",
    doctor: str = "",
) -> QuerySet[TransferOfValue]:
    """Narrow reported transfers; `doctor` is a code or an exact name, `number` a record's. What is empty narrows nothing."""
    exact = {"source": source, "category": category, "record_number": number}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if since:
        rows = rows.filter(paid_on__gte=since)
    if until:
        rows = rows.filter(paid_on__lte=until)
    if payer:
        rows = rows.filter(payer__icontains=payer)
    if doctor:
        named = doctors_named(doctor, user, timezone.localdate())  # noqa: TID251 - whom one may see is a question of today
        rows = rows.filter(doctor__in=named)
    return rows


def reported_to(doctor_id: UUID) -> list[Reported]:
    """Return what was reported of a doctor and of all records merged, by source. Cost: one query."""
    rows = (
        TransferOfValue.objects.filter(doctor_id__in=doctors.records_of(doctor_id))
        .order_by("source", "currency")
        .values("source", "currency")
        .annotate(total=Sum("amount_minor"), count=Count("pk"), latest=Max("paid_on"))
    )
    return [
        Reported(
            source=row["source"],
            source_label=str(TransferSource(row["source"]).label),
            amount=in_currency(row["total"], row["currency"]),
            count=row["count"],
            latest=row["latest"],
        )
        for row in rows
    ]


def source_of_transfer(transfer: TransferOfValue) -> imports.SourceRow | None:
    """Return the row of the file that a transfer came from, as it was written there. Cost: five queries by index."""
    act = act_of_row(transfer)
    return imports.source_row(act.subject, f"transfer:{transfer.pk}") if act else None
