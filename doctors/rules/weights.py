"""Fellegi–Sunter: how much each agreement speaks for one person, fitted without labels. Pure.

A pair of records is compared feature by feature; each feature reaches a level, 0 for plain disagreement, higher
levels for closer agreement, `MISSING` where a side says nothing. m is how often pairs of one person reach a level,
u how often pairs of two persons do; log2(m / u) is the weight in bits. Levels that speak the same way stand in order:
a closer agreement never weighs less.
Source: Fellegi and Sunter, A Theory for Record Linkage, JASA 64 (1969); Winkler (1988) for the fit by EM.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2

MISSING = -1
FLOOR = 1e-6
MOST_ROUNDS = 500
STILL = 1e-7

Pattern = tuple[int, ...]


@dataclass(frozen=True)
class Weights:
    """m and u by feature and level, and the share of one-person pairs among those compared."""

    names: tuple[str, ...]
    m: tuple[tuple[float, ...], ...]
    u: tuple[tuple[float, ...], ...]
    share: float
    rounds: int = 0

    def bits(self, feature: int, level: int) -> float:
        """Return the weight of a level in bits; a missing value weighs nothing."""
        return 0.0 if level == MISSING else log2(self.m[feature][level] / self.u[feature][level])

    @property
    def prior_bits(self) -> float:
        """Return what a pair weighs before anything is compared."""
        return log2(self.share / (1 - self.share))

    def score(self, pattern: Sequence[int], extra: float = 0.0) -> float:
        """Return the weight of a pair in bits: prior, features, and what rarity adds."""
        return self.prior_bits + sum(self.bits(place, level) for place, level in enumerate(pattern)) + extra

    def as_facts(self) -> dict[str, object]:
        """Return plain values, for a row."""
        return {
            "names": list(self.names),
            "m": [list(row) for row in self.m],
            "u": [list(row) for row in self.u],
            "share": self.share,
            "rounds": self.rounds,
        }

    @classmethod
    def of_facts(cls, facts: Mapping[str, object]) -> Weights:
        """Return the weights that `as_facts` wrote down."""
        return cls(
            tuple(facts["names"]),  # type: ignore[arg-type]
            tuple(tuple(row) for row in facts["m"]),  # type: ignore[attr-defined]
            tuple(tuple(row) for row in facts["u"]),  # type: ignore[attr-defined]
            float(facts["share"]),  # type: ignore[arg-type]
            int(facts.get("rounds", 0)),  # type: ignore[call-overload]
        )


def probability(bits: float) -> float:
    """Return how likely a pair of this weight is one person."""
    if bits > 60:
        return 1.0
    return 0.0 if bits < -60 else 1 / (1 + 2**-bits)


def fit(
    names: Sequence[str],
    levels: Sequence[int],
    patterns: Mapping[Pattern, int],
    *,
    start_share: float = 0.1,
    fixed_u: Sequence[Sequence[float]] | None = None,
) -> Weights:
    """Fit m, u and the share to the patterns of unlabelled pairs by expectation and maximisation.

    `levels` says how many levels each feature has. With `fixed_u` only m and the share move. The same patterns give
    the same weights, in whatever order they come. Raises: ValueError without any pair.
    """
    if not patterns:
        raise ValueError("no pairs")
    ordered = sorted(patterns.items())
    share = start_share
    m = [_rising(count) for count in levels]
    u = [list(row) for row in fixed_u] if fixed_u else [_falling(count) for count in levels]
    rounds = 0
    while rounds < MOST_ROUNDS:
        rounds += 1
        m_sums, u_sums = [[0.0] * count for count in levels], [[0.0] * count for count in levels]
        one, all_pairs = 0.0, 0
        for pattern, count in ordered:
            chance = _chance(pattern, m, u, share)
            one += chance * count
            all_pairs += count
            for place, level in enumerate(pattern):
                if level != MISSING:
                    m_sums[place][level] += chance * count
                    u_sums[place][level] += (1 - chance) * count
        new_share = min(max(one / all_pairs, FLOOR), 1 - FLOOR)
        new_m = [_normal(row) for row in m_sums]
        new_u = u if fixed_u else [_normal(row) for row in u_sums]
        moved = abs(new_share - share) + max(
            abs(a - b) for old, new in zip(m, new_m, strict=True) for a, b in zip(old, new, strict=True)
        )
        share, m, u = new_share, new_m, new_u
        if moved < STILL:
            break
    ranked = [_in_order(a, b) for a, b in zip(m, u, strict=True)]
    return Weights(
        tuple(names),
        tuple(tuple(row) for row, _other in ranked),
        tuple(tuple(row) for _one, row in ranked),
        share,
        rounds,
    )


def _chance(pattern: Pattern, m: list[list[float]], u: list[list[float]], share: float) -> float:
    one, two = share, 1 - share
    for place, level in enumerate(pattern):
        if level != MISSING:
            one *= m[place][level]
            two *= u[place][level]
    return one / (one + two) if one + two else 0.5


def _rising(count: int) -> list[float]:
    return _normal([4.0**level for level in range(count)])


def _falling(count: int) -> list[float]:
    return _normal([4.0 ** (count - level) for level in range(count)])


def _normal(sums: Sequence[float]) -> list[float]:
    """Return shares of a row of sums, none of them nothing: half a pair is added to each level."""
    whole = sum(sums)
    if whole <= 0:
        return [1 / len(sums)] * len(sums)
    smooth = [max(one, 0.0) + min(0.5, whole * 1e-3) for one in sums]
    whole = sum(smooth)
    return [max(one / whole, FLOOR) for one in smooth]


def _in_order(m: list[float], u: list[float]) -> tuple[list[float], list[float]]:
    """Pool neighbouring levels whose ratio falls, so that a closer agreement never weighs less."""
    blocks = [[a, b, 1] for a, b in zip(m, u, strict=True)]
    place = 0
    while place + 1 < len(blocks):
        here, after = blocks[place], blocks[place + 1]
        if here[0] * after[1] > after[0] * here[1]:
            blocks[place : place + 2] = [[here[0] + after[0], here[1] + after[1], here[2] + after[2]]]
            place = max(place - 1, 0)
        else:
            place += 1
    ms, us = [], []
    for m_sum, u_sum, count in blocks:
        ms += [m_sum / count] * int(count)
        us += [u_sum / count] * int(count)
    return ms, us
