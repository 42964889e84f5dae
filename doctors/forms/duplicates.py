"""Shape of what the pages of duplicates send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doctors import selectors
from doctors.choices import PairState
from doctors.selectors.matching import SETS
from pharmacrm.common.listing import FilterForm

MOST_BITS = 90


class PairFilter(FilterForm):
    state = forms.ChoiceField(label=_("State"), choices=PairState.choices, initial=PairState.OPEN)
    least = forms.DecimalField(
        label=_("From bits"), min_value=-MOST_BITS, max_value=MOST_BITS, decimal_places=2
    )
    hospital = forms.CharField(label=_("Hospital"), max_length=60)
    province = forms.ChoiceField(label=_("Province"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["province"].choices = [("", _("all")), *selectors.provinces()]  # type: ignore[attr-defined]


class PairForm(forms.Form):
    """What a steward answers to a pair."""

    answer = forms.ChoiceField(
        label=_("Answer"),
        choices=(
            ("same_low", _("One doctor: keep the left record")),
            ("same_high", _("One doctor: keep the right record")),
            ("different", _("Two doctors")),
            ("later", _("Later")),
        ),
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)
    look_again_on = forms.DateField(
        label=_("Look again on"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Only for “later”."),
    )  # fmt: skip


class UndoMergeForm(forms.Form):
    reason = forms.CharField(label=_("Why are they two doctors?"), max_length=300)


class LinesForm(forms.Form):
    """The two lines, in bits as people read them; `known` only changes what they are judged on."""

    lower = forms.DecimalField(
        label=_("Ask from"), min_value=-MOST_BITS, max_value=MOST_BITS, decimal_places=2, help_text=_("bits"),
        widget=forms.NumberInput(attrs={"step": "0.25"}),
    )  # fmt: skip
    upper = forms.DecimalField(
        label=_("Certain from"), min_value=-MOST_BITS, max_value=MOST_BITS, decimal_places=2, help_text=_("bits"),
        widget=forms.NumberInput(attrs={"step": "0.25"}),
    )  # fmt: skip
    merges_alone = forms.BooleanField(label=_("Merge certain pairs without asking"), required=False)
    known = forms.ChoiceField(label=_("Judged on"), choices=[*SETS.items()], required=False)

    def lines(self) -> tuple[int, int]:
        """Return the two lines in hundredths of a bit."""
        return round(100 * self.cleaned_data["lower"]), round(100 * self.cleaned_data["upper"])
