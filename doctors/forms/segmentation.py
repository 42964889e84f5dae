"""Shapes of input about scoring models and tiers set by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doctors.actions.segmentation import feature_spec
from doctors.choices import CohortBy, Cut, OverrideReason, Tier
from doctors.rules.features import ALLOWED, ENGAGEMENT, Feature
from doctors.rules.segmentation import CAPPED, DIMENSIONS, RANK, Fault, ModelSpec
from doctors.selectors.model_words import words_of


def percent(label: Any, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_value=100, max_digits=5, decimal_places=2, **options
    )


SCALES = ((RANK, _("Rank in the cohort")), (CAPPED, _("Full from a value")))
FIELD_OF_FAULT = {
    "weight_out_of_range": "w_{where}",
    "bad_transform": "t_{where}",
    "half_life_out_of_range": "h_{where}",
    "features_do_not_sum": "{where}",
    "dimensions_do_not_sum": "influence",
    "unknown_cut": "cut",
    "cuts_out_of_order": "core_cut",
    "hysteresis_out_of_range": "hysteresis",
    "cohort_too_small": "min_cohort",
    "unknown_cohort": "cohort_by",
    "too_many_known": "min_known",
}


@dataclass(frozen=True)
class FeatureFields:
    """The fields of one feature of the catalogue; `half_life` is None for a fact."""

    known: Feature
    weight: forms.BoundField
    scale: forms.BoundField
    cap: forms.BoundField
    half_life: forms.BoundField | None

    @property
    def errors(self) -> list[str]:
        """What is wrong with any of them."""
        given = (self.weight, self.scale, self.cap, self.half_life)
        return [error for field in given if field is not None for error in field.errors]


class SpecForm(forms.Form):
    """Weights, half-lives and lines of a model, in percent and points; the model counts in basis points."""

    influence = percent(_("Academic influence"))
    potential = percent(_("Clinical potential"))
    willingness = percent(_("Willingness to cooperate"))
    cut = forms.ChoiceField(label=_("Tiers by"), choices=Cut.choices)
    core_cut = percent(_("Core"), help_text=_("Points for fixed lines, percent of all doctors for shares."))
    potential_cut = percent(_("Potential"), help_text=_("With shares: the next so many percent."))
    hysteresis = forms.DecimalField(
        label=_("Margin for keeping a tier"), min_value=0, max_value=10, max_digits=4, decimal_places=2
    )
    cohort_by = forms.ChoiceField(
        label=_("Cohorts by"),
        choices=CohortBy.choices,
        help_text=_("Doctors are ranked among those who have this in common."),
    )
    min_cohort = forms.IntegerField(label=_("Smallest cohort"), min_value=2, max_value=10_000)
    min_known = forms.IntegerField(
        label=_("Features known at least"),
        min_value=0,
        max_value=20,
        help_text=_("Of whom less is known, the tier stays basic whatever the score."),
    )
    landmark_on = forms.DateField(
        label=_("Contacts count from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for known in ALLOWED:
            self.fields[f"w_{known.key}"] = percent(known.label, required=False)
            self.fields[f"t_{known.key}"] = forms.ChoiceField(
                label=_("Scale"), choices=SCALES, required=False, initial=known.transform
            )
            self.fields[f"c_{known.key}"] = forms.IntegerField(
                label=_("Full from"),
                min_value=1,
                max_value=1_000_000,
                required=False,
                initial=known.cap or None,
            )
            if known.measure == ENGAGEMENT:
                self.fields[f"h_{known.key}"] = forms.IntegerField(
                    label=_("Half-life in days"), min_value=60, max_value=730, required=False
                )
        for field in self.fields.values():
            is_choice = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"

    @classmethod
    def initial_of(cls, spec: ModelSpec) -> dict[str, Any]:
        """Return what the form shows of a specification."""
        shown: dict[str, Any] = {
            dimension: _percent(weight) for dimension, weight in spec.dimension_weights.items()
        }
        shown |= {
            "cut": spec.cut,
            "core_cut": _percent(spec.core_cut_bp),
            "potential_cut": _percent(spec.potential_cut_bp),
            "hysteresis": _percent(spec.hysteresis_bp),
            "cohort_by": spec.cohort_by,
            "min_cohort": spec.min_cohort,
            "min_known": spec.min_known,
            "landmark_on": spec.landmark_on,
        }
        for known in ALLOWED:
            shown[f"t_{known.key}"] = known.transform
            if known.cap:
                shown[f"c_{known.key}"] = known.cap
        for feature in spec.features:
            shown[f"w_{feature.key}"] = _percent(feature.weight_bp)
            shown[f"t_{feature.key}"] = feature.transform
            if feature.cap:
                shown[f"c_{feature.key}"] = feature.cap
            if feature.is_engagement:
                shown[f"h_{feature.key}"] = feature.half_life_days
        return shown

    def add_faults(self, faults: Iterable[Fault]) -> None:
        """Say what is wrong with the specification beside the field it belongs to."""
        for fault in faults:
            field = FIELD_OF_FAULT.get(fault.code, "").format(where=fault.where)
            self.add_error(field if field in self.fields else None, words_of(fault))

    def spec(self) -> ModelSpec:
        """Return the specification the form describes; features without a weight are left out."""
        given = self.cleaned_data
        features = tuple(
            feature_spec(
                known.key,
                _bp(given[f"w_{known.key}"]),
                half_life_days=given.get(f"h_{known.key}") or 0,
                transform=given.get(f"t_{known.key}") or "",
                cap=given.get(f"c_{known.key}") or 0,
            )
            for known in ALLOWED
            if given.get(f"w_{known.key}")
        )
        return ModelSpec(
            features=features,
            **{f"{dimension}_bp": _bp(given[dimension]) for dimension in DIMENSIONS},
            cut=given["cut"],
            core_cut_bp=_bp(given["core_cut"]),
            potential_cut_bp=_bp(given["potential_cut"]),
            hysteresis_bp=_bp(given["hysteresis"]),
            cohort_by=given["cohort_by"],
            min_cohort=given["min_cohort"],
            min_known=given["min_known"],
            landmark_on=given["landmark_on"].isoformat(),
        )

    @property
    def groups(self) -> list[tuple[Any, list[FeatureFields]]]:
        """The fields by dimension: (dimension field, [the fields of each of its features])."""
        return [
            (
                self[dimension],
                [
                    FeatureFields(
                        known=known,
                        weight=self[f"w_{known.key}"],
                        scale=self[f"t_{known.key}"],
                        cap=self[f"c_{known.key}"],
                        half_life=self[f"h_{known.key}"] if known.measure == ENGAGEMENT else None,
                    )
                    for known in ALLOWED
                    if known.dimension == dimension
                ],
            )
            for dimension in DIMENSIONS
        ]


class ModelForm(SpecForm):
    """A new version of the model."""

    version = forms.CharField(label=_("Version"), max_length=32)

    field_order = ("version",)


class AssessForm(forms.Form):
    """The impact assessment a model rests on."""

    impact_assessment = forms.CharField(label=_("Number of the impact assessment"), max_length=60)
    assessed_on = forms.DateField(
        label=_("Assessed on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"


class OverrideForm(forms.Form):
    """Another tier than the score gives."""

    tier = forms.ChoiceField(label=_("Tier"), choices=Tier.choices)
    reason = forms.ChoiceField(label=_("Reason"), choices=OverrideReason.choices)
    note = forms.CharField(
        label=_("Note"), max_length=200, required=False, help_text=_("No patients, no prescriptions.")
    )
    valid_until = forms.DateField(
        label=_("Until (not included)"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            is_choice = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"


def _bp(value: Decimal) -> int:
    return int(value * 100)


def _percent(bp: int) -> Decimal:
    return Decimal(bp) / 100
