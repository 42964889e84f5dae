"""Where to draw the lines between no, ask and alone, judged on pairs whose answer is known. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

ENOUGH_PRECISION = 0.998
ENOUGH_RECALL = 0.99
FAR_OFF = -6_000  # no line is drawn so low; a pair that is no candidate lies there


@dataclass(frozen=True)
class Judged:
    """How a line separates known pairs: what lies at or above it is called one person. Scores in hundredths of a bit."""

    line: int
    true_pairs: int
    false_pairs: int
    missed: int
    kept_apart: int

    @property
    def bits(self) -> float:
        return self.line / 100

    @property
    def precision(self) -> float:
        called = self.true_pairs + self.false_pairs
        return self.true_pairs / called if called else 1.0

    @property
    def recall(self) -> float:
        real = self.true_pairs + self.missed
        return self.true_pairs / real if real else 1.0

    @property
    def f1(self) -> float:
        whole = 2 * self.true_pairs + self.false_pairs + self.missed
        return 2 * self.true_pairs / whole if whole else 1.0


@dataclass(frozen=True)
class Bands:
    """Known pairs of one and of two persons in the three bands."""

    alone_same: int
    alone_other: int
    ask_same: int
    ask_other: int
    no_same: int
    no_other: int


class Known:
    """Scores of pairs whose answer is known, sorted once. Cost: two searches a line."""

    def __init__(self, scored: Sequence[tuple[int, bool]]) -> None:
        self.same = sorted(score for score, same in scored if same)
        self.other = sorted(score for score, same in scored if not same)

    def judge(self, line: int) -> Judged:
        """Return how a line separates them."""
        missed, apart = bisect_left(self.same, line), bisect_left(self.other, line)
        return Judged(line, len(self.same) - missed, len(self.other) - apart, missed, apart)

    def bands(self, lower: int, upper: int) -> Bands:
        """Return how two lines divide them."""
        low, high = self.judge(lower), self.judge(upper)
        return Bands(
            high.true_pairs,
            high.false_pairs,
            low.true_pairs - high.true_pairs,
            low.false_pairs - high.false_pairs,
            low.missed,
            low.kept_apart,
        )

    def curve(self, *, step: int = 50, most: int = 120) -> list[Judged]:
        """Return the judgement at evenly spaced lines over the range of the scores."""
        every = [score for score in self.same + self.other if score > FAR_OFF]
        if not every:
            return []
        first, last = min(every) // step * step, (max(every) // step + 1) * step
        wide = max(step, -(-(last - first) // most // step) * step)
        return [self.judge(line) for line in range(first, last + wide, wide)]

    def best(self) -> Judged:
        """Return the line with the best F1; of equals the lowest."""
        lines = sorted({*self.same, *self.other}) or [0]
        return max((self.judge(line) for line in lines), key=lambda one: (one.f1, -one.line))

    def suggested(self) -> tuple[int, int]:
        """Return the lower line that loses one pair in a hundred, and the upper one wrong twice in a thousand."""
        lines = sorted({*self.same, *self.other}) or [0]
        judged = [self.judge(line) for line in lines]
        lower = max((one.line for one in judged if one.recall >= ENOUGH_RECALL), default=lines[0])
        safe = [one.line for one in judged if all_safe(judged, one)]
        upper = min(safe, default=lines[-1] + 1)
        return lower, max(lower, upper)


def all_safe(judged: Sequence[Judged], one: Judged) -> bool:
    """Return whether a line and every line above it that still calls pairs is precise enough."""
    return all(
        other.precision >= ENOUGH_PRECISION
        for other in judged
        if other.line >= one.line and other.true_pairs > 20
    )
