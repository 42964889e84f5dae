"""Models of scoring in the reader's words: what is wrong with one, how two differ, what the catalogue holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from doctors.choices import CohortBy, Cut
from doctors.rules.features import CATALOGUE, DIMENSIONS, ENGAGEMENT
from doctors.rules.segmentation import CAPPED, SHARE, Fault, FeatureSpec, ModelSpec
from doctors.selectors.score_words import points


@dataclass(frozen=True)
class CatalogueRow:
    """One feature of the catalogue; `is_allowed` is False for what must not be used, with the clause that says so."""

    key: str
    dimension: str
    label: str
    definition: str
    unit: str
    source: str
    scale: str
    is_lowering: bool
    is_allowed: bool
    clause: str


@dataclass(frozen=True)
class Difference:
    """One thing two models say differently, in words."""

    what: str
    before: str
    after: str


def words_of(fault: Fault) -> str:
    """Return words for what is wrong with a model."""
    label = (
        _(CATALOGUE[fault.where].label) if fault.where in CATALOGUE else _(fault.where) if fault.where else ""
    )
    figures: dict[str, object] = {"label": label, "found": fault.found, "points": f"{fault.found / 100:.2f}"}
    return {
        "no_features": _("The model has no features."),
        "too_many_features": _("A model has at most 20 features; this one has %(found)d.") % figures,
        "twice": _("%(label)s is listed twice.") % figures,
        "unknown_feature": _("%(label)s is not in the catalogue of lawful features.")
        % {"label": fault.where},
        "forbidden_feature": _("%(label)s may not be used to score a doctor: %(clause)s.")
        % {
            "label": label or fault.where,
            "clause": CATALOGUE[fault.where].clause
            if fault.where in CATALOGUE
            else _("never to be stored, MR-11"),
        },
        "weight_out_of_range": _("The weight of %(label)s is out of range.") % figures,
        "bad_transform": _("The scale of %(label)s is not set.") % figures,
        "half_life_out_of_range": _("The half-life of %(label)s has to lie between 60 and 730 days.")
        % figures,
        "dimensions_do_not_sum": _("The three dimensions add up to %(points)s %%, not to 100 %%.") % figures,
        "features_do_not_sum": _("The features of %(label)s add up to %(points)s %%, not to 100 %%.")
        % {**figures, "label": dimension_label(fault.where)},
        "unknown_cut": _("Choose fixed lines or shares."),
        "cuts_out_of_order": _("The core line has to lie above the potential line."),
        "hysteresis_out_of_range": _("The hysteresis lies between 0 and 10 points."),
        "cohort_too_small": _("A cohort has at least two doctors."),
        "unknown_cohort": _("Choose by what doctors are put into cohorts."),
        "too_many_known": ngettext(
            "The model has %(found)d feature, so no more can be asked for.",
            "The model has %(found)d features, so no more can be asked for.",
            fault.found,
        )
        % figures,
    }[fault.code]


def dimension_label(dimension: str) -> str:
    """Return the reader's word for a dimension."""
    return {
        "influence": _("Academic influence"),
        "potential": _("Clinical potential"),
        "willingness": _("Willingness to cooperate"),
    }.get(dimension, dimension)


def catalogue_rows() -> list[CatalogueRow]:
    """Return the whole catalogue, allowed features first, in words."""
    rows = [
        CatalogueRow(
            key=one.key,
            dimension=dimension_label(one.dimension),
            label=_(one.label),
            definition=_(one.definition),
            unit=_(one.unit) if one.unit else "",
            source=_(one.source) if one.source else "",
            scale=_("Engagement, fading") if one.measure == ENGAGEMENT else _("Fact on the day"),
            is_lowering=one.sign < 0,
            is_allowed=one.is_allowed,
            clause=one.clause or "个人信息保护法 第24条",
        )
        for one in CATALOGUE.values()
    ]
    return sorted(rows, key=lambda row: not row.is_allowed)


def differences(before: ModelSpec, after: ModelSpec) -> list[Difference]:
    """Return what differs between two models, features first; nothing where they say the same."""
    return [one for one in _pairs(before, after) if one.before != one.after]


def _pairs(before: ModelSpec, after: ModelSpec) -> Iterator[Difference]:
    for dimension in DIMENSIONS:
        yield Difference(
            dimension_label(dimension),
            percent(before.dimension_weights[dimension]),
            percent(after.dimension_weights[dimension]),
        )
    olds = {feature.key: feature for feature in before.features}
    news = {feature.key: feature for feature in after.features}
    for key in dict.fromkeys([*olds, *news]):
        yield Difference(
            _(CATALOGUE[key].label), _feature_words(olds.get(key)), _feature_words(news.get(key))
        )
    yield Difference(_("Tiers by"), str(Cut(before.cut).label), str(Cut(after.cut).label))
    yield Difference(_("Core"), _cut_words(before, before.core_cut_bp), _cut_words(after, after.core_cut_bp))
    yield Difference(
        _("Potential"), _cut_words(before, before.potential_cut_bp), _cut_words(after, after.potential_cut_bp)
    )
    yield Difference(
        _("Margin for keeping a tier"), points(before.hysteresis_bp), points(after.hysteresis_bp)
    )
    yield Difference(
        _("Cohorts by"), str(CohortBy(before.cohort_by).label), str(CohortBy(after.cohort_by).label)
    )
    yield Difference(_("Smallest cohort"), str(before.min_cohort), str(after.min_cohort))
    yield Difference(_("Features known at least"), str(before.min_known), str(after.min_known))
    yield Difference(_("Contacts count from"), before.landmark_on, after.landmark_on)


def percent(bp: int) -> str:
    """Return a share in percent, without idle zeros."""
    return f"{bp / 100:g}%"


def scale_words(feature: FeatureSpec) -> str:
    """Return how a feature's raw value becomes a level."""
    if feature.transform == CAPPED:
        return _("Full from %(cap)d") % {"cap": feature.cap}
    return _("Rank in the cohort")


def _feature_words(feature: FeatureSpec | None) -> str:
    if feature is None:
        return _("not used")
    said = [percent(feature.weight_bp), scale_words(feature)]
    if feature.is_engagement:
        said.append(
            ngettext("half-life %(days)d day", "half-life %(days)d days", feature.half_life_days)
            % {"days": feature.half_life_days}
        )
    return " · ".join(said)


def _cut_words(spec: ModelSpec, bp: int) -> str:
    return percent(bp) if spec.cut == SHARE else points(bp)
