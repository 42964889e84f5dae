"""Why a doctor holds a tier: every figure the score was made of, and what would lift it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from doctors.choices import RunKind
from doctors.models import DoctorScore, ReferenceDistribution, RunCohort
from doctors.rules import segmentation as rules
from doctors.rules.features import CATALOGUE, DIMENSIONS
from doctors.selectors.score_words import cohort_words, points, raw_words
from doctors.selectors.tiers import UNPROFILED, TierNow, label_of, score_in_force, tier_of


@dataclass(frozen=True)
class FeatureLine:
    """One feature of one doctor. Units: `_bp` in 0.01 point; `raw` whole, or hundredths for engagement."""

    key: str
    place: int
    dimension: str
    label: str
    definition: str
    source: str
    unit: str
    raw: int
    raw_text: str
    is_ranked: bool
    below: int
    others: int
    cap: int
    level_bp: int
    weight_bp: int
    contribution_bp: int
    half_life_days: int
    sign: int

    @property
    def contribution_text(self) -> str:
        return ("+" if self.contribution_bp > 0 else "") + points(self.contribution_bp)

    @property
    def level_text(self) -> str:
        """The level in percent, exact to a hundredth."""
        return points(self.level_bp)

    @property
    def weight_text(self) -> str:
        return ("−" if self.sign < 0 else "") + points(self.weight_bp)

    @property
    def room_bp(self) -> int:
        """Points this feature could still give."""
        return (self.weight_bp if self.sign > 0 else 0) - self.contribution_bp


@dataclass(frozen=True)
class DimensionLine:
    """One dimension: what its features give together, and at most could."""

    key: str
    label: str
    contribution_bp: int
    weight_bp: int
    features: tuple[FeatureLine, ...]


@dataclass(frozen=True)
class Step:
    """A change that alone would lift the doctor over the line. `value_text` is empty where no value is known."""

    feature: str
    label: str
    contribution_bp: int
    value_text: str


@dataclass(frozen=True)
class TierExplanation:
    """Why a doctor holds a tier; `is_scored` is False for 未画像 and before the first run."""

    doctor_id: UUID
    now: TierNow
    is_scored: bool = False
    score_tier: str = ""
    score_tier_label: str = ""
    score_bp: int = 0
    core_line_bp: int = 0
    potential_line_bp: int = 0
    hysteresis_bp: int = 0
    is_kept: bool = False
    min_known: int = 0
    known: int = 0
    cohort: str = ""
    cohort_size: int = 0
    cohort_number: int | None = None
    reference_id: UUID | None = None
    dimensions: tuple[DimensionLine, ...] = ()
    steps: tuple[Step, ...] = ()
    next_tier: str = ""
    next_label: str = ""
    gap_bp: int = 0
    run_id: UUID | None = None
    model_id: UUID | None = None
    model_version: str = ""
    scored_at: datetime | None = None
    as_of: date | None = None
    digest: str = ""
    is_daytime: bool = False

    @property
    def features(self) -> tuple[FeatureLine, ...]:
        return tuple(line for dimension in self.dimensions for line in dimension.features)

    @property
    def score_text(self) -> str:
        return points(self.score_bp)

    @property
    def line_text(self) -> str:
        return points(self.line_bp)

    @property
    def core_text(self) -> str:
        return points(self.core_line_bp)

    @property
    def potential_text(self) -> str:
        return points(self.potential_line_bp)

    @property
    def gap_text(self) -> str:
        return points(self.gap_bp)

    @property
    def is_little_known(self) -> bool:
        """The tier is basic because too few features are known."""
        return self.known < self.min_known

    @property
    def line_percent(self) -> str:
        """Where the line stands on a bar of 0 to 100 points."""
        return f"{min(self.line_bp, rules.FULL) / 100:.2f}"

    @property
    def line_label(self) -> str:
        """The line shown: that of the tier held, for a basic doctor the next one up."""
        return _("Core line") if self.score_tier == rules.CORE else _("Potential line")

    @property
    def line_bp(self) -> int:
        """The line the tier of the score began at."""
        return self.core_line_bp if self.score_tier == rules.CORE else self.potential_line_bp


def explain_tier(doctor_id: UUID | str) -> TierExplanation | None:
    """Return why a doctor holds the tier, with every figure the score was made of; None for no such doctor.

    The caller has checked who may see the doctor. Cost: at most seven queries.
    """
    now = tier_of(doctor_id)
    if now is None:
        return None
    score = None if now.tier == UNPROFILED else score_in_force(doctor_id)
    if score is None:
        return TierExplanation(doctor_id=now.doctor_id, now=now)
    run, model = score.run, score.run.model
    reference_id = run.based_on_id if run.kind == RunKind.DAYTIME else run.pk
    cohort = RunCohort.objects.get(run_id=reference_id, number=score.cohort)
    lines = _feature_lines(score, model.spec, cohort.size)
    brief = _brief(now, score, lines)
    next_tier, line = _next_step(score.tier, brief.core_line_bp, brief.potential_line_bp)
    gap = max(line - score.score_bp, 0) if next_tier else 0
    drawn = rules.Lines(brief.core_line_bp, brief.potential_line_bp, min_known=model.min_known)
    known = sum(value > 0 for value in score.raw)
    return replace(
        brief,
        hysteresis_bp=model.hysteresis_bp,
        is_kept=score.tier != rules.tier_of(score.score_bp, drawn, known=known),
        min_known=model.min_known,
        known=known,
        cohort=cohort_words(cohort.specialty, cohort.band),
        cohort_size=cohort.size,
        cohort_number=cohort.number,
        reference_id=reference_id,
        steps=_steps(lines, gap, reference_id, cohort) if gap else (),
        next_tier=next_tier,
        next_label=label_of(next_tier) if next_tier else "",
        gap_bp=gap,
        digest=run.result_digest,
    )


def explain_briefly(now: TierNow) -> TierExplanation:
    """Return the points of each feature and the lines, without cohort and next steps. Cost: one query, or none."""
    score = None if now.tier == UNPROFILED else score_in_force(now.doctor_id)
    if score is None:
        return TierExplanation(doctor_id=now.doctor_id, now=now)
    return _brief(now, score, _feature_lines(score, score.run.model.spec, 0))


def _brief(now: TierNow, score: DoctorScore, lines: list[FeatureLine]) -> TierExplanation:
    """Return what a score says by itself."""
    run, model = score.run, score.run.model
    return TierExplanation(
        doctor_id=now.doctor_id,
        now=now,
        is_scored=True,
        score_tier=score.tier,
        score_tier_label=label_of(score.tier),
        score_bp=score.score_bp,
        core_line_bp=run.core_line_bp or 0,
        potential_line_bp=run.potential_line_bp or 0,
        dimensions=_dimensions(lines, model.spec),
        run_id=run.pk,
        model_id=model.pk,
        model_version=model.version,
        scored_at=run.updated_at if run.kind == RunKind.DAYTIME else run.finished_at,
        as_of=run.as_of,
        is_daytime=run.kind == RunKind.DAYTIME,
    )


def _feature_lines(score: DoctorScore, spec: rules.ModelSpec, size: int) -> list[FeatureLine]:
    lines = []
    weights = rules.weights_of(spec)
    for place, feature in enumerate(spec.features):
        known = CATALOGUE[feature.key]
        raw, below = score.raw[place], score.below[place]
        is_ranked = feature.transform == rules.RANK
        lines.append(
            FeatureLine(
                key=feature.key,
                place=place + 1,
                dimension=known.dimension,
                label=_(known.label),
                definition=_(known.definition),
                source=_(known.source),
                unit=_(known.unit),
                raw=raw,
                raw_text=raw_words(feature, raw),
                is_ranked=is_ranked,
                below=below,
                others=size - 1,
                cap=feature.cap,
                level_bp=rules.level_of_rank(below, size)
                if is_ranked
                else rules.level_of_cap(raw, feature.cap),
                weight_bp=weights[place],
                contribution_bp=score.contribution[place],
                half_life_days=feature.half_life_days,
                sign=feature.sign,
            )
        )
    return lines


def _dimensions(lines: list[FeatureLine], spec: rules.ModelSpec) -> tuple[DimensionLine, ...]:
    labels = {
        "influence": _("Academic influence"),
        "potential": _("Clinical potential"),
        "willingness": _("Willingness to cooperate"),
    }
    return tuple(
        DimensionLine(
            key=dimension,
            label=labels[dimension],
            contribution_bp=sum(line.contribution_bp for line in lines if line.dimension == dimension),
            weight_bp=spec.dimension_weights[dimension],
            features=tuple(line for line in lines if line.dimension == dimension),
        )
        for dimension in DIMENSIONS
    )


def _next_step(tier: str, core: int, potential: int) -> tuple[str, int]:
    return {rules.BASIC: (rules.POTENTIAL_TIER, potential), rules.POTENTIAL_TIER: (rules.CORE, core)}.get(
        tier, ("", 0)
    )


def _steps(
    lines: list[FeatureLine], gap: int, reference_id: UUID | None, cohort: RunCohort
) -> tuple[Step, ...]:
    steps = []
    for line in lines:
        if line.sign < 0:
            continue
        level = rules.level_needed(line.weight_bp, line.contribution_bp, gap)
        if level is None:
            continue
        if not line.is_ranked:
            wanted: int | None = -(-level * line.cap // rules.FULL)
        else:
            below = -(-level * (cohort.size - 1) // rules.FULL)
            wanted = (
                ReferenceDistribution.objects.filter(
                    run_id=reference_id, cohort=cohort.number, feature=line.place, below__gte=below
                )
                .order_by("value")
                .values_list("value", flat=True)
                .first()
            )
        if wanted is not None:
            feature = rules.FeatureSpec(line.key, 0)
            steps.append(Step(line.key, line.label, line.contribution_bp, raw_words(feature, wanted)))
    return tuple(steps)


@dataclass(frozen=True)
class Bar:
    """A stretch of the score on a line of 0 to 100 points. Units: `start` and `width` in percent of the line."""

    label: str
    detail: str
    points: str
    start: str
    width: str
    is_lowering: bool


def bars_of(why: TierExplanation) -> list[Bar]:
    """Return the score as stretches laid end to end: each dimension's raising features, then what lowers it."""
    bars, start = [], 0
    for dimension in why.dimensions:
        raising = sum(line.contribution_bp for line in dimension.features if line.sign > 0)
        best = max((line for line in dimension.features), key=lambda line: line.contribution_bp, default=None)
        detail = _said(best) if best and best.contribution_bp > 0 else ""
        bars.append(_bar(dimension.label, detail, raising, start))
        start += raising
    lowering = [line for line in why.features if line.contribution_bp < 0]
    if lowering:
        down = sum(line.contribution_bp for line in lowering)
        detail = _(", ").join(_said(line) for line in lowering)
        bars.append(_bar(_("Fewer answers"), detail, down, start))
    return bars


def _said(line: FeatureLine) -> str:
    return line.label + _(": ") + line.raw_text


def _bar(label: str, detail: str, bp: int, start: int) -> Bar:
    left = start + min(bp, 0)
    return Bar(
        label=label,
        detail=detail,
        points=("+" if bp > 0 else "") + points(bp),
        start=f"{max(left, 0) / 100:.2f}",
        width=f"{abs(bp) / 100:.2f}",
        is_lowering=bp < 0,
    )
