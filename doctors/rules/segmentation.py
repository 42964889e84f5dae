"""How a score comes about: whole numbers only, so that anyone can recompute it by hand.

One basis point (bp) is 0.01 point; a score reaches 10,000 bp = 100 points. `docs/segmentation.md` tells the method.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from .decay import MAX_HALF_LIFE_DAYS, MIN_HALF_LIFE_DAYS
from .features import CAPPED, CATALOGUE, DIMENSIONS, ENGAGEMENT, RANK

FULL = 10_000
MAX_FEATURES = 20
MAX_PENALTY = 2_000
MAX_HYSTERESIS = 1_000

CORE, POTENTIAL_TIER, BASIC, UNPROFILED = "core", "potential", "basic", "unprofiled"
LADDER = (BASIC, POTENTIAL_TIER, CORE)
LINE, SHARE = "line", "share"
BY_BOTH, BY_SPECIALTY, BY_LEVEL, BY_NOTHING = "specialty_level", "specialty", "level", "all"

DRAFT, ASSESSED, ACTIVE, RETIRED = "draft", "assessed", "active", "retired"
MOVES = frozenset(
    {(DRAFT, ASSESSED), (ASSESSED, DRAFT), (ASSESSED, ACTIVE), (ACTIVE, RETIRED), (DRAFT, RETIRED), (ASSESSED, RETIRED)}
)  # fmt: skip


@dataclass(frozen=True)
class FeatureSpec:
    """A feature inside a model. `weight_bp`: share of its dimension, or for a lowering feature of the whole score."""

    key: str
    weight_bp: int
    transform: str = RANK
    cap: int = 0
    half_life_days: int = 0

    @property
    def dimension(self) -> str:
        return CATALOGUE[self.key].dimension

    @property
    def sign(self) -> int:
        return CATALOGUE[self.key].sign

    @property
    def is_engagement(self) -> bool:
        return CATALOGUE[self.key].measure == ENGAGEMENT


@dataclass(frozen=True)
class ModelSpec:
    """Everything that decides a score. Equal specifications have equal hashes."""

    features: tuple[FeatureSpec, ...]
    influence_bp: int
    potential_bp: int
    willingness_bp: int
    cut: str = LINE
    core_cut_bp: int = 7_500
    potential_cut_bp: int = 5_000
    hysteresis_bp: int = 200
    min_cohort: int = 30
    landmark_on: str = ""
    cohort_by: str = BY_BOTH
    min_known: int = 0  # with fewer features known than this a doctor stays basic

    @property
    def dimension_weights(self) -> dict[str, int]:
        return dict(zip(DIMENSIONS, (self.influence_bp, self.potential_bp, self.willingness_bp), strict=True))

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of this specification.

        What came to the specification later counts only where it is used, so that older models keep their hash.
        """
        said = asdict(self)
        for name, unused in (("cohort_by", BY_BOTH), ("min_known", 0)):
            if said[name] == unused:
                del said[name]
        return hashlib.sha256(canonical(said)).hexdigest()


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a model: a stable word, the feature or field it concerns, and figures."""

    code: str
    where: str = ""
    found: int = 0


@dataclass(frozen=True)
class Lines:
    """Scores from which a tier begins, and how far below a line a doctor keeps the tier already held.

    Of whom fewer than `min_known` features are known, stays basic whatever the score.
    """

    core_bp: int
    potential_bp: int
    hysteresis_bp: int = 0
    min_known: int = 0


def canonical(value: object) -> bytes:
    """Return the one JSON text of a plain value: keys sorted, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def may_move(*, old: str, new: str) -> bool:
    """Return whether a model may pass from one state to another."""
    return (old, new) in MOVES


def largest_remainder(total: int, parts: Sequence[int]) -> tuple[int, ...]:
    """Split `total` in proportion to `parts` into whole numbers that add up to it exactly.

    Each gets the floor of its share; what is left goes one by one to the largest remainders, the earlier first.
    Source: Hamilton's method.
    """
    whole = sum(parts)
    if not whole:
        return tuple(0 for _ in parts)
    floors = [part * total // whole for part in parts]
    order = sorted(range(len(parts)), key=lambda i: (-(parts[i] * total % whole), i))
    for i in order[: total - sum(floors)]:
        floors[i] += 1
    return tuple(floors)


def weights_of(spec: ModelSpec) -> tuple[int, ...]:
    """Return what each feature can give at most, in bp of the score, in the model's order.

    The raising features share exactly 10,000 bp (weight in the dimension × weight of the dimension, by largest
    remainder); a lowering feature takes off up to its own weight.
    """
    dimensions = spec.dimension_weights
    raising = [f.weight_bp * dimensions[f.dimension] if f.sign > 0 else 0 for f in spec.features]
    shared = largest_remainder(FULL, raising)
    return tuple(share if f.sign > 0 else f.weight_bp for f, share in zip(spec.features, shared, strict=True))


def level_of_rank(below: int, size: int) -> int:
    """Return the percentile level of a doctor who has `below` colleagues with a smaller value in a cohort of `size`.

    Equal values get equal levels; where all are equal, or the doctor is alone, the level is 0. Units: bp.
    """
    return below * FULL // (size - 1) if size > 1 else 0


def level_of_cap(raw: int, cap: int) -> int:
    """Return the level of a value on a fixed scale that is full from `cap` on. Units: bp."""
    return min(raw, cap) * FULL // cap if cap > 0 else 0


def contribution(weight_bp: int, level_bp: int, sign: int = 1) -> int:
    """Return what a feature gives to the score: weight × level, rounded towards zero. Units: bp."""
    return sign * (weight_bp * level_bp // FULL)


def score_of(contributions: Sequence[int]) -> int:
    """Return the score: the plain sum of the contributions, nothing else."""
    return sum(contributions)


def tier_of(score_bp: int, lines: Lines, held: str = "", *, known: int = MAX_FEATURES) -> str:
    """Return the tier of a score.

    A tier is reached at its line; a tier already held is kept until the score falls more than the hysteresis below
    the line, so that nobody flips to and fro at the border. `known` is how many features of the doctor are above
    nought; too few give no other tier than basic.
    """
    if known < lines.min_known:
        return BASIC
    held_step = LADDER.index(held) if held in LADDER else 0
    for tier, line in ((CORE, lines.core_bp), (POTENTIAL_TIER, lines.potential_bp)):
        margin = lines.hysteresis_bp if held_step >= LADDER.index(tier) else 0
        if score_bp >= line - margin:
            return tier
    return BASIC


def line_of_heights(heights: Sequence[tuple[int, int]], share_bp: int) -> int:
    """Return the score of the last doctor inside the best `share_bp` of all; above every score when that is nobody.

    `heights` lists (score, how many have it), best first; all who have the line's score are above the line.
    """
    wanted = sum(count for _score, count in heights) * share_bp // FULL
    for score, count in heights:
        if wanted <= 0:
            break
        wanted -= count
        if wanted <= 0:
            return score
    return FULL + 1


def share_lines(heights: Sequence[tuple[int, int]], spec: ModelSpec) -> tuple[int, int]:
    """Return both lines of a model that cuts by shares: the core line, and the potential line at or below it."""
    core = line_of_heights(heights, spec.core_cut_bp)
    return core, min(line_of_heights(heights, spec.core_cut_bp + spec.potential_cut_bp), core)


def pools_of(
    sizes: dict[tuple[str, str], int], min_cohort: int, by: str = BY_BOTH
) -> dict[tuple[str, str], tuple[str, str]]:
    """Say in which cohort each (specialty, level band) is ranked.

    `by` says what a cohort shares: specialty and level band, one of them, or nothing at all. A cohort below `min_cohort` doctors is ranked together with the other small ones of its specialty, `*` standing
    for "all bands"; what is still too small is ranked together in (`*`, `*`).
    """
    if by != BY_BOTH:
        return _pools_by_one(sizes, min_cohort, by)
    small: dict[str, int] = {}
    for (specialty, _band), size in sizes.items():
        if size < min_cohort:
            small[specialty] = small.get(specialty, 0) + size
    pools = {}
    for (specialty, band), size in sizes.items():
        if size >= min_cohort:
            pools[specialty, band] = (specialty, band)
        elif small[specialty] >= min_cohort:
            pools[specialty, band] = (specialty, "*")
        else:
            pools[specialty, band] = ("*", "*")
    return pools


def _pools_by_one(
    sizes: dict[tuple[str, str], int], min_cohort: int, by: str
) -> dict[tuple[str, str], tuple[str, str]]:
    pools = {
        (specialty, band): (
            specialty if by == BY_SPECIALTY else "*",
            band if by == BY_LEVEL else "*",
        )
        for specialty, band in sizes
    }
    totals: dict[tuple[str, str], int] = {}
    for cell, pool in pools.items():
        totals[pool] = totals.get(pool, 0) + sizes[cell]
    return {cell: pool if totals[pool] >= min_cohort else ("*", "*") for cell, pool in pools.items()}


def level_needed(weight_bp: int, contribution_bp: int, gap_bp: int) -> int | None:
    """Return the level at which this feature alone would close the gap, or None where even the full level would not."""
    wanted = contribution_bp + gap_bp
    if wanted > weight_bp or weight_bp == 0:
        return None
    return -(-wanted * FULL // weight_bp)


def faults_of(spec: ModelSpec) -> list[Fault]:  # noqa: C901 - one line for each thing that can be wrong
    """Return all that keeps a model from being scored with; an empty list means it is sound."""
    faults = []
    keys = [f.key for f in spec.features]
    if not spec.features:
        faults.append(Fault("no_features"))
    if len(keys) > MAX_FEATURES:
        faults.append(Fault("too_many_features", found=len(keys)))
    faults += [Fault("twice", key) for key in sorted({key for key in keys if keys.count(key) > 1})]
    for feature in spec.features:
        known = CATALOGUE.get(feature.key)
        if known is None:
            faults.append(Fault("unknown_feature", feature.key))
            continue
        if not known.is_allowed:
            faults.append(Fault("forbidden_feature", feature.key))
        if not 0 <= feature.weight_bp <= (FULL if known.sign > 0 else MAX_PENALTY):
            faults.append(Fault("weight_out_of_range", feature.key, feature.weight_bp))
        if feature.transform not in (RANK, CAPPED) or (feature.transform == CAPPED and feature.cap < 1):
            faults.append(Fault("bad_transform", feature.key))
        if known.measure == ENGAGEMENT and not (
            MIN_HALF_LIFE_DAYS <= feature.half_life_days <= MAX_HALF_LIFE_DAYS
        ):
            faults.append(Fault("half_life_out_of_range", feature.key, feature.half_life_days))
    if sum(spec.dimension_weights.values()) != FULL or min(spec.dimension_weights.values()) < 0:
        faults.append(Fault("dimensions_do_not_sum", found=sum(spec.dimension_weights.values())))
    for dimension, weight in spec.dimension_weights.items():
        total = sum(
            f.weight_bp
            for f in spec.features
            if (known := CATALOGUE.get(f.key)) and known.dimension == dimension and known.sign > 0
        )
        if weight and total != FULL:
            faults.append(Fault("features_do_not_sum", dimension, total))
    return faults + _cut_faults(spec)


def _cut_faults(spec: ModelSpec) -> list[Fault]:
    faults = []
    if spec.cut not in (LINE, SHARE):
        faults.append(Fault("unknown_cut"))
    ordered = (
        0 <= spec.potential_cut_bp < spec.core_cut_bp <= FULL
        if spec.cut == LINE
        else spec.core_cut_bp > 0
        and spec.core_cut_bp + spec.potential_cut_bp <= FULL
        and spec.potential_cut_bp >= 0
    )
    if not ordered:
        faults.append(Fault("cuts_out_of_order"))
    if not 0 <= spec.hysteresis_bp <= MAX_HYSTERESIS:
        faults.append(Fault("hysteresis_out_of_range", found=spec.hysteresis_bp))
    if spec.min_cohort < 2:
        faults.append(Fault("cohort_too_small", found=spec.min_cohort))
    if spec.cohort_by not in (BY_BOTH, BY_SPECIALTY, BY_LEVEL, BY_NOTHING):
        faults.append(Fault("unknown_cohort"))
    if not 0 <= spec.min_known <= len(spec.features):
        faults.append(Fault("too_many_known", found=len(spec.features)))
    return faults
