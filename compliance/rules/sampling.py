"""Risk-based sampling by a published formula, which anybody can repeat with nothing but SHA-256.

Each item has 1 + its risk points tickets. Ticket n of an item is SHA-256("seed|subject|n") in hex, n from 1.
An item's number is its smallest ticket; the sample is the `size` items with the smallest numbers. An item with
three tickets is therefore drawn first three times as often as one with a single ticket, and nothing can be
chosen once the seed is known. The seed is the root of the first checkpoint signed after the plan was recorded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

MOST_TICKETS = 64


@dataclass(frozen=True)
class Candidate:
    """One thing that may be drawn, with its risk points by reason."""

    subject: str
    points: tuple[tuple[str, int], ...] = ()

    @property
    def tickets(self) -> int:
        return min(MOST_TICKETS, 1 + sum(points for _reason, points in self.points))


@dataclass(frozen=True)
class Drawn:
    """A candidate with the number it was drawn by."""

    candidate: Candidate
    number: str


def number_of(seed: str, subject: str, tickets: int) -> str:
    """Return the smallest ticket of an item, in hex."""
    return min(
        hashlib.sha256(f"{seed}|{subject}|{place}".encode()).hexdigest() for place in range(1, tickets + 1)
    )


def draw(seed: str, candidates: Iterable[Candidate], size: int) -> list[Drawn]:
    """Return the sample, smallest number first; the same for any order of the candidates."""
    numbered = [Drawn(one, number_of(seed, one.subject, one.tickets)) for one in candidates]
    return sorted(numbered, key=lambda drawn: (drawn.number, drawn.candidate.subject))[: max(0, size)]
