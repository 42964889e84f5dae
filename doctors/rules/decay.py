"""Fading of engagement, in whole numbers: the same digits on every machine and under every query plan.

An interaction counts for less as it gets older; after one half-life it counts for half. Instead of shrinking old
interactions every day, newer ones are made to weigh more (forward decay): an interaction `k` days after the landmark
weighs `factor[k] = round(2^(k/half-life) · 65536)`, and that never changes. What it is worth on a day `a` is
`strength // factor[a]`. Source: Cormode, Shkapenyuk, Srivastava, Xu, "Forward Decay", ICDE 2009.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

UNIT = 1 << 16  # the weight of an interaction on the landmark day
MIN_HALF_LIFE_DAYS = 60  # below it four years of factors no longer fit 64 bits
MAX_HALF_LIFE_DAYS = 730
DAYS = 1462  # four years from the landmark: a model older than that has to be replaced
HUNDREDTHS = 100  # an interaction of full worth counts 100

_BITS = 128
_HALF = 1 << (_BITS - 17)


@lru_cache(maxsize=32)
def factors(half_life_days: int) -> tuple[int, ...]:
    """Return the weight of one interaction for each day since the landmark.

    Units: 1/65536. Raises: ValueError outside 60..730 days.
    """
    if not MIN_HALF_LIFE_DAYS <= half_life_days <= MAX_HALF_LIFE_DAYS:
        raise ValueError(f"A half-life of {half_life_days} days is outside the table.")
    step = _root(
        2 << (_BITS * half_life_days), half_life_days, start=(1 << _BITS) + (1 << _BITS) // half_life_days
    )
    weights, growth = [], 1 << _BITS
    for _day in range(DAYS):
        weights.append((growth + _HALF) >> (_BITS - 16))
        growth = growth * step >> _BITS
    return tuple(weights)


def strength(events: Iterable[tuple[int, int]], half_life_days: int) -> int:
    """Add up interactions, each given as (days since the landmark, weight in hundredths).

    Returns: forward-decayed strength in 1/6553600; it does not depend on the day it is read.
    """
    table = factors(half_life_days)
    return sum(weight * table[day] for day, weight in events if 0 <= day < DAYS)


def worth(strength_sum: int, half_life_days: int, day: int) -> int:
    """Return what a strength is worth on a day, never below 0. Units: hundredths of one full, fresh interaction."""
    return max(strength_sum, 0) // factors(half_life_days)[day]


def _root(number: int, degree: int, *, start: int) -> int:
    """Return floor(number ** (1/degree)) by Newton's method from above."""
    guess = start
    while True:
        better = ((degree - 1) * guess + number // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess
        guess = better
