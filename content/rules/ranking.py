"""How well a material answers a doctor's needs. Whole points, so the order is the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

NEED_MATCH = 40
CLAIM_MATCH = 25
AUDIENCE_MATCH = 8
STRATEGY_MATCH = 15  # above what a material was made for, below what answers a need
EVIDENCE = {"1": 12, "2": 10, "3": 6, "4": 3, "5": 1}
FRESH_WITHIN_DAYS = 90
FRESH = 5
SHORTEST_WORD = 2


@dataclass(frozen=True)
class Reason:
    """One part of a rank: a code, the words it was found in, and its points."""

    code: str
    words: str
    points: int


def points_of(
    *,
    needs: Iterable[str],
    topics: Iterable[str],
    claim_words: Iterable[str],
    matched_sides: Iterable[str],
    best_evidence: str,
    days_since_release: int,
    named_by_strategy: str = "",
) -> tuple[Reason, ...]:
    """Return the reasons for a material's rank; the rank is their sum.

    A need matches a topic or claim when one contains the other, or when half the letter pairs of the shorter
    stand in the longer. The same need counts once. `named_by_strategy` is the kind of the material where the
    communication strategy for this doctor names it.
    """
    reasons = []
    topics, claim_words = tuple(topics), tuple(claim_words)
    for need in needs:
        topic = next((words for words in topics if _answers(need, words)), "")
        claim = next((words for words in claim_words if _answers(need, words)), "")
        if topic:
            reasons.append(Reason("need_topic", topic, NEED_MATCH))
        if claim:
            reasons.append(Reason("need_claim", claim, CLAIM_MATCH))
    if named_by_strategy:
        reasons.append(Reason("strategy", named_by_strategy, STRATEGY_MATCH))
    reasons.extend(Reason("audience", side, AUDIENCE_MATCH) for side in matched_sides)
    if best_evidence in EVIDENCE:
        reasons.append(Reason("evidence", best_evidence, EVIDENCE[best_evidence]))
    if 0 <= days_since_release <= FRESH_WITHIN_DAYS:
        reasons.append(Reason("fresh", str(days_since_release), FRESH))
    return tuple(reasons)


def _answers(need: str, words: str) -> bool:
    need, words = need.strip().casefold(), words.strip().casefold()
    if len(need) < SHORTEST_WORD or len(words) < SHORTEST_WORD:
        return False
    ours, theirs = _pairs(need), _pairs(words)
    return need in words or words in need or 2 * len(ours & theirs) >= min(len(ours), len(theirs))


def _pairs(words: str) -> set[str]:
    return {words[place : place + 2] for place in range(len(words) - 1)}
