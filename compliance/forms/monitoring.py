"""Shapes of what monitoring asks for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.choices import FindingState, Grade, ReviewResult
from compliance.populations import populations
from pharmacrm.common.forms import offer
from pharmacrm.common.listing import FilterForm, any_of

DAY = forms.DateInput(attrs={"type": "date"})


class PlanMonitoringForm(forms.Form):
    name = forms.CharField(label=_("Name of the plan"), max_length=120)
    population = forms.ChoiceField(label=_("What is sampled"))
    since = forms.DateField(label=_("From"), widget=DAY)
    until = forms.DateField(label=_("Until before"), widget=DAY)
    size = forms.IntegerField(label=_("How many"), min_value=1, max_value=200)
    due_on = forms.DateField(label=_("Reviewed by"), widget=DAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "population", [(one.name, one.title) for one in populations().values()])


class ReviewItemForm(forms.Form):
    item_id = forms.UUIDField(widget=forms.HiddenInput)
    result = forms.ChoiceField(
        label=_("Result"),
        choices=[(one.value, one.label) for one in (ReviewResult.CLEAN, ReviewResult.FINDING)],
    )
    remark = forms.CharField(
        label=_("Remark"), required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=2000
    )
    grade = forms.ChoiceField(
        label=_("Grade, if objected to"), choices=Grade.choices, initial=Grade.WATCH, required=False
    )


class FindingFilter(FilterForm):
    state = forms.ChoiceField(label=_("State"), choices=any_of(FindingState))
    grade = forms.ChoiceField(label=_("Grade"), choices=any_of(Grade))
    kind = forms.ChoiceField(label=_("Kind"))
    late = forms.BooleanField(label=_("Overdue only"))

    def __init__(self, *args: Any, kinds: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", [("", _("all")), *kinds])
