"""How a model is judged before it is put in force: groups compared, weights nudged, attention measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .features import DIMENSIONS
from .segmentation import FULL, MAX_PENALTY, FeatureSpec, ModelSpec, largest_remainder

FAIR_FROM_BP, FAIR_TO_BP = 8_000, 12_500
LEAST_GROUP = 30
NUDGE = 10  # percent


def ratio_of(part: int, group: int, whole_part: int, whole: int) -> int | None:
    """Return the share of a group divided by the share of all, or None where one of them has no share. Units: bp.

    Source: the four-fifths rule (29 CFR 1607.4 D), used here as a signal for a person to look, not as a verdict.
    """
    if not group or not whole or not whole_part:
        return None
    return part * whole * FULL // (group * whole_part)


def is_flagged(ratio_bp: int | None, group: int) -> bool:
    """Return whether a group gets so much less or more than all that a person has to look; small groups say nothing."""
    return ratio_bp is not None and group >= LEAST_GROUP and not FAIR_FROM_BP <= ratio_bp <= FAIR_TO_BP


def nudged(spec: ModelSpec, where: str, percent: int) -> ModelSpec:
    """Return the model with one weight changed by so many percent of itself; the others give way in proportion.

    `where` is a dimension or a feature. The result adds up to the whole again.
    """
    if where in DIMENSIONS:
        weights = _nudge(
            [spec.dimension_weights[one] for one in DIMENSIONS], DIMENSIONS.index(where), percent
        )
        return replace(spec, influence_bp=weights[0], potential_bp=weights[1], willingness_bp=weights[2])
    feature = next(one for one in spec.features if one.key == where)
    if feature.sign < 0:
        more = min(feature.weight_bp * (100 + percent) // 100, MAX_PENALTY)
        return _with(spec, {where: more})
    kin = [one for one in spec.features if one.dimension == feature.dimension and one.sign > 0]
    given = _nudge([one.weight_bp for one in kin], kin.index(feature), percent)
    return _with(spec, {one.key: weight for one, weight in zip(kin, given, strict=True)})


def _with(spec: ModelSpec, weights: dict[str, int]) -> ModelSpec:
    features: tuple[FeatureSpec, ...] = tuple(
        replace(one, weight_bp=weights.get(one.key, one.weight_bp)) for one in spec.features
    )
    return replace(spec, features=features)


def _nudge(weights: Sequence[int], place: int, percent: int) -> list[int]:
    others = [weight for here, weight in enumerate(weights) if here != place]
    if not sum(others):
        return list(weights)
    wanted = min(weights[place] * (100 + percent) // 100, FULL)
    given = list(largest_remainder(FULL - wanted, others))
    given.insert(place, wanted)
    return given


def gini_of(heights: Sequence[tuple[int, int]]) -> int:
    """Return the Gini coefficient of counts: 0 where all have equally many, towards 10,000 where one has all. Units: bp.

    `heights` lists (count, how many have it), smallest first. Whole numbers: G = Σ (2i − n − 1) x ÷ (n Σ x).
    """
    people = sum(number for _count, number in heights)
    total = sum(count * number for count, number in heights)
    if not people or not total:
        return 0
    weighted, before = 0, 0
    for count, number in heights:
        # the places before + 1 … before + number share one count
        places = number * before + number * (number + 1) // 2
        weighted += count * (2 * places - number * (people + 1))
        before += number
    return weighted * FULL // (people * total)


def lorenz_of(heights: Sequence[tuple[int, int]], steps: int = 20) -> list[tuple[int, int]]:
    """Return the Lorenz curve in equal steps of people: (share of people, share of counts), both in bp, from 0 to 10,000.

    Cost: one pass.
    """
    people = sum(number for _count, number in heights)
    total = sum(count * number for count, number in heights)
    if not people or not total:
        return []
    curve, at, seen, gathered = [(0, 0)], 0, 0, 0
    for step in range(1, steps + 1):
        wanted = people * step // steps
        while at < len(heights) and seen + heights[at][1] <= wanted:
            gathered += heights[at][0] * heights[at][1]
            seen += heights[at][1]
            at += 1
        part = heights[at][0] * (wanted - seen) if at < len(heights) else 0
        curve.append((FULL * step // steps, (gathered + part) * FULL // total))
    return curve
