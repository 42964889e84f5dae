"""The plan by which the audit trail is reviewed: which months one review covers, and how many acts it draws.

Drawn are `per_mille` thousandths of the acts, rounded up, but at least `least` and at most `most`, and never more than
there are. Source: EU Annex 11 (2011) cl. 9, "regularly reviewed".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

Change = TypeVar("Change")
EVERY_MONTHS = (1, 2, 3, 6, 12)


@dataclass(frozen=True)
class Terms:
    """By what the audit trail is reviewed from a month on."""

    every_months: int = 1
    least: int = 50
    per_mille: int = 1
    most: int = 200
    days: int = 15


def sample_size(terms: Terms, population: int) -> int:
    """Return how many acts are drawn of so many."""
    share = -(-population * terms.per_mille // 1000)
    return min(population, max(terms.least, min(share, terms.most)))


def closes_a_period(month: date, terms: Terms) -> bool:
    """Return whether a review is drawn after the month. Spans begin with January, so that a change leaves no gap."""
    return month.month % terms.every_months == 0


def last_of_month(day: date) -> date:
    """Return the last day of the month of a day."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def first_of_span(month: date, terms: Terms) -> date:
    """Return the first day of the span that a month closes."""
    return month.replace(day=1, month=month.month - terms.every_months + 1)


def months_from(day: date, count: int) -> Iterator[date]:
    """Return the first days of so many months, that of a day first."""
    first = day.replace(day=1)
    for _ in range(count):
        yield first
        first = last_of_month(first) + timedelta(days=1)


def in_force(month: date, changes: Iterable[tuple[date, Change]]) -> Change | None:
    """Return the change that holds in a month: the one from the latest month, of these the one decided last."""
    held: tuple[date, Change] | None = None
    for since, change in changes:
        if since <= month and (held is None or since >= held[0]):
            held = (since, change)
    return held[1] if held else None
