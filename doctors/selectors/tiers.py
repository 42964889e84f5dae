"""Which tier a doctor holds, and exactly why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from doctors.choices import HospitalLevel, OverrideState, RunKind, Tier
from doctors.models import (
    Doctor,
    DoctorScore,
    ReferenceDistribution,
    RunCohort,
    ScoringRun,
    TierAssignment,
    TierOverride,
)
from doctors.rules import segmentation as rules
from doctors.rules.features import CATALOGUE, DIMENSIONS

UNPROFILED = rules.UNPROFILED


@dataclass(frozen=True)
class TierNow:
    """The tier a doctor holds: core, potential, basic; unprofiled after a refusal; empty before the first run."""

    doctor_id: UUID
    tier: str
    label: str
    is_override: bool = False
    valid_until: date | None = None

    @property
    def playbook_tier(self) -> str:
        """The tier whose playbook applies: nobody is worse off for not being profiled."""
        return self.tier if self.tier in rules.LADDER else rules.BASIC


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
    cohort: str = ""
    cohort_size: int = 0
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
    def gap_text(self) -> str:
        return points(self.gap_bp)

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


def tier_of(doctor_id: UUID | str) -> TierNow | None:
    """Return the tier a doctor holds, or None for no such doctor. Cost: two queries."""
    return next(iter(tiers_of([doctor_id]).values()), None)


def tiers_of(ids: Iterable[UUID | str]) -> dict[UUID, TierNow]:
    """Return the tiers of doctors by key. The caller has checked who may see them. Cost: two queries."""
    wanted = list(ids)
    overrides = dict(
        TierOverride.objects.filter(doctor_id__in=wanted, state=OverrideState.APPROVED).values_list(
            "doctor_id", "valid_until"
        )
    )
    rows = Doctor.objects.filter(pk__in=wanted).values_list("pk", "tier", "profiling_refused")
    return {
        pk: TierNow(
            doctor_id=pk,
            tier=UNPROFILED if refused else tier,
            label=label_of(UNPROFILED if refused else tier),
            is_override=pk in overrides and not refused,
            valid_until=overrides.get(pk),
        )
        for pk, tier, refused in rows
    }


def label_of(tier: str) -> str:
    """Return the reader's word for a tier."""
    if tier in Tier.values:
        return str(Tier(tier).label)
    return _("Not profiled") if tier == UNPROFILED else _("No tier yet")


def score_in_force(doctor_id: UUID | str) -> DoctorScore | None:
    """Return the doctor's score in the run that holds now: the daytime one, else the full one. Cost: two queries."""
    full = (
        ScoringRun.objects.filter(kind=RunKind.FULL, published_at__isnull=False)
        .order_by("-published_at", "-pk")
        .first()
    )
    if full is None:
        return None
    day = ScoringRun.objects.filter(kind=RunKind.DAYTIME, based_on=full).values_list("pk", flat=True).first()
    scores = {
        score.run_id: score
        for score in DoctorScore.objects.filter(
            doctor_id=doctor_id, run_id__in=[pk for pk in (full.pk, day) if pk]
        ).select_related("run__model")
    }
    return scores.get(day) or scores.get(full.pk)


def computed_tier_of(doctor_id: UUID | str) -> str:
    """Return the tier the score gives, without regard to anything set by hand; empty without a score."""
    score = score_in_force(doctor_id)
    return score.tier if score else ""


def tier_history_of(doctor_id: UUID | str) -> list[TierAssignment]:
    """Return a doctor's tiers, newest first. Cost: one query."""
    return list(
        TierAssignment.objects.filter(doctor_id=doctor_id)
        .select_related("override__asked_by")
        .order_by("-pk")[:50]
    )


def override_of(doctor_id: UUID | str) -> TierOverride | None:
    """Return the tier set by hand that waits or holds, if one does."""
    return (
        TierOverride.objects.filter(
            doctor_id=doctor_id, state__in=[OverrideState.ASKED, OverrideState.APPROVED]
        )
        .select_related("asked_by", "decided_by")
        .first()
    )


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
    core, potential = run.core_line_bp or 0, run.potential_line_bp or 0
    next_tier, line = _next_step(score.tier, core, potential)
    gap = max(line - score.score_bp, 0) if next_tier else 0
    return TierExplanation(
        doctor_id=now.doctor_id,
        now=now,
        is_scored=True,
        score_tier=score.tier,
        score_tier_label=label_of(score.tier),
        score_bp=score.score_bp,
        core_line_bp=core,
        potential_line_bp=potential,
        hysteresis_bp=model.hysteresis_bp,
        is_kept=score.tier != rules.tier_of(score.score_bp, rules.Lines(core, potential)),
        cohort=cohort_words(cohort.specialty, cohort.band),
        cohort_size=cohort.size,
        dimensions=_dimensions(lines, model.spec),
        steps=_steps(lines, gap, reference_id, cohort) if gap else (),
        next_tier=next_tier,
        next_label=label_of(next_tier) if next_tier else "",
        gap_bp=gap,
        run_id=run.pk,
        model_id=model.pk,
        model_version=model.version,
        scored_at=run.updated_at if run.kind == RunKind.DAYTIME else run.finished_at,
        as_of=run.as_of,
        digest=run.result_digest,
        is_daytime=run.kind == RunKind.DAYTIME,
    )


def cohort_words(specialty: str, band: str) -> str:
    """Return the reader's words for a cohort."""
    bands = {
        "3": _("grade 3 hospitals"),
        "2": _("grade 2 hospitals"),
        "1": _("grade 1 hospitals"),
        "0": _("hospitals without a grade"),
        "*": _("all hospitals"),
    }
    name = {"": _("No specialty on file"), "*": _("Small specialties together")}.get(specialty, specialty)
    return f"{name} · {bands[band]}"


def points(bp: int) -> str:
    """Return basis points as points, exact and without idle zeros: 7864 → 78.64, 7500 → 75.0."""
    sign, whole = ("−" if bp < 0 else ""), abs(bp)
    text = f"{whole // 100}.{whole % 100:02d}"
    return sign + (text[:-1] if text.endswith("0") else text)


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


def raw_words(feature: rules.FeatureSpec, raw: int) -> str:
    """Return a raw value with its unit; engagement in hundredths, levels by name."""
    known = CATALOGUE[feature.key]
    if feature.is_engagement:
        return f"{raw // 100}.{raw % 100:02d} {_(known.unit)}"
    if feature.key == "hospital_level":
        names = {10: HospitalLevel.L3_SPECIAL, 9: HospitalLevel.L3A, 8: HospitalLevel.L3B, 7: HospitalLevel.L3,
                 6: HospitalLevel.L2A, 5: HospitalLevel.L2B, 4: HospitalLevel.L2, 3: HospitalLevel.L1A,
                 2: HospitalLevel.L1B, 1: HospitalLevel.L1}  # fmt: skip
        return f"{names[raw].label} ({raw})" if raw in names else _("None (0)")
    return f"{raw:,} {_(known.unit)}"


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
        detail = f"{best.label}: {best.raw_text}" if best and best.contribution_bp > 0 else ""
        bars.append(_bar(dimension.label, detail, raising, start))
        start += raising
    lowering = [line for line in why.features if line.contribution_bp < 0]
    if lowering:
        down = sum(line.contribution_bp for line in lowering)
        detail = ", ".join(f"{line.label}: {line.raw_text}" for line in lowering)
        bars.append(_bar(_("Fewer answers"), detail, down, start))
    return bars


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


@dataclass(frozen=True)
class FeatureRow:
    """One feature of a model, for its page."""

    dimension: str
    label: str
    definition: str
    unit: str
    source: str
    most: str
    scale: str
    half_life_days: int
    is_lowering: bool


def feature_rows(spec: rules.ModelSpec, weights: dict[str, int]) -> list[FeatureRow]:
    """Return a model's features in its order, in words; `most` is what each can give or take, in points."""
    dimensions = {
        "influence": _("Academic influence"),
        "potential": _("Clinical potential"),
        "willingness": _("Willingness to cooperate"),
    }
    rows = []
    for feature in spec.features:
        known = CATALOGUE[feature.key]
        rows.append(
            FeatureRow(
                dimension=dimensions[known.dimension],
                label=_(known.label),
                definition=_(known.definition),
                unit=_(known.unit),
                source=_(known.source),
                most=("−" if known.sign < 0 else "") + points(weights[feature.key]),
                scale=_("Rank in the cohort")
                if feature.transform == rules.RANK
                else _("Full from %(cap)d") % {"cap": feature.cap},
                half_life_days=feature.half_life_days,
                is_lowering=known.sign < 0,
            )
        )
    return rows
