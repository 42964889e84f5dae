"""How many persons were given abroad in a year, against the lines of the law. Source: PI-17."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, QuerySet, Sum

from compliance.choices import ExportRoute
from compliance.models import ExportedPerson, ExportRecipient, ExportTally


@dataclass(frozen=True)
class GivenAbroad:
    """Distinct persons of a year, and those with sensitive data among them."""

    persons: int
    sensitive: int


@dataclass(frozen=True)
class Line:
    """One line of the law: how many persons, how far the year is, and what it asks for beyond it."""

    label: str
    count: int
    limit: int

    @property
    def percent(self) -> int:
        return min(self.count * 100 // self.limit, 100)

    @property
    def tone(self) -> str:
        return "ban" if self.count >= self.limit else ""

    @property
    def is_near(self) -> bool:
        return self.limit * 80 <= self.count * 100


def given_abroad(
    year: int, plus: Collection[UUID] = (), plus_sensitive: Collection[UUID] = ()
) -> GivenAbroad:
    """Return the distinct persons given abroad in a year, over all recipients, with some more. Cost: two to four queries."""
    rows = ExportedPerson.objects.filter(year=year)
    counts = []
    for is_sensitive, more in ((False, plus), (True, plus_sensitive)):
        own = rows.filter(is_sensitive=is_sensitive)
        count = own.aggregate(n=Count("person", distinct=True))["n"]
        if more:
            known = own.filter(person__in=list(more)).aggregate(n=Count("person", distinct=True))["n"]
            count += len(set(more)) - known
        counts.append(count)
    return GivenAbroad(*counts)


def is_route_valid(recipient: ExportRecipient, on: date) -> bool:
    """Return whether a recipient's route holds on a day."""
    return recipient.route != ExportRoute.NONE and (
        recipient.route_until is None or on < recipient.route_until
    )


def recipients() -> QuerySet[ExportRecipient]:
    """Return all recipients, by name."""
    return ExportRecipient.objects.select_related("assessment", "account").order_by("name")


def tallies(year: int | None = None) -> QuerySet[ExportTally]:
    """Return every export that was counted, newest first."""
    rows = ExportTally.objects.select_related("recipient", "by").order_by("-at", "-pk")
    return rows.filter(at__year=year) if year else rows


def tallies_by_recipient(year: int) -> list[tuple[str, str, int, int, int]]:
    """Return (recipient, region, exports, persons, sensitive) of a year; without a recipient it is the company itself."""
    rows = (
        ExportTally.objects.filter(at__year=year)
        .values_list("recipient__name", "recipient__region")
        .annotate(n=Count("pk"), persons=Sum("persons"), sensitive=Sum("sensitive"))
        .order_by("recipient__name")
    )
    return [
        (name or "", region or "CN", n, persons or 0, special or 0)
        for name, region, n, persons, special in rows
    ]
