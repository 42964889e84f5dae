"""Scores and features in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from doctors.choices import CohortBy, HospitalLevel
from doctors.rules import segmentation as rules
from doctors.rules.features import CATALOGUE


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


def level_words(band: str) -> str:
    """Return the reader's words for a level band of hospitals, `-` where a doctor has none on file."""
    if band == "-":
        return _("no hospital on file")
    return cohort_words("-", band).split(" · ")[1]


def points(bp: int) -> str:
    """Return basis points as points, exact and without idle zeros: 7864 → 78.64, 7500 → 75.0."""
    sign, whole = ("−" if bp < 0 else ""), abs(bp)
    text = f"{whole // 100}.{whole % 100:02d}"
    return sign + (text[:-1] if text.endswith("0") else text)


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


def cut_rows(spec: rules.ModelSpec) -> list[tuple[str, str]]:
    """Return how tiers, cohorts and margins are set in a model, in words."""
    by_share = spec.cut == rules.SHARE
    core, potential = points(spec.core_cut_bp), points(spec.potential_cut_bp)
    return [
        (
            _("Tiers"),
            _("Core: the best %(core)s %%; potential: the next %(potential)s %%")
            % {"core": core, "potential": potential}
            if by_share
            else _("Core from %(core)s points; potential from %(potential)s points")
            % {"core": core, "potential": potential},
        ),
        (_("Margin for keeping a tier"), f"{points(spec.hysteresis_bp)} " + _("points")),
        (_("Cohorts by"), f"{CohortBy(spec.cohort_by).label} · ≥ {spec.min_cohort}"),
        (_("Features known at least"), str(spec.min_known)),
        (_("Contacts count from"), spec.landmark_on),
    ]


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
