"""Forms about rules, figures and exceptions: shapes only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance import points
from compliance.choices import Grade, Scene, WaiverState, WatchState
from compliance.forms.naming import SubjectField
from compliance.words.points import POINTS
from pharmacrm.common.listing import FilterForm, any_of

CONFIDENCE = [
    ("", _("all")),
    ("V-P", _("V-P: the text itself was read")),
    ("V-S", _("V-S: read in a secondary page")),
    ("M", _("M: company policy, source to be verified")),
]


class FilterRules(FilterForm):
    scene = forms.ChoiceField(label=_("Scene"), choices=any_of(Scene))
    grade = forms.ChoiceField(label=_("Grade"), choices=any_of(Grade))
    point = forms.ChoiceField(label=_("Applies at"))
    confidence = forms.ChoiceField(label=_("Source"), choices=CONFIDENCE)
    instrument = forms.ChoiceField(label=_("Law or code"))
    q = forms.CharField(label=_("Words or clause"), max_length=80)

    def __init__(self, *args: Any, instruments: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instrument"].choices = [("", _("all")), *((name, name) for name in instruments)]
        self.fields["point"].choices = [
            ("", _("all")),
            *((name, POINTS.get(name, name)) for name in sorted(points.declared())),
        ]


class FilterWaivers(FilterForm):
    state = forms.ChoiceField(label=_("State"), choices=any_of(WaiverState))
    rule = forms.CharField(label=_("Rule"), max_length=12)
    month = forms.RegexField(
        r"^\d{4}-(?:0[1-9]|1[0-2])$",
        label=_("Month, such as 2026-11"),
        widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-11"}),
    )


class FilterWatched(FilterForm):
    state = forms.ChoiceField(label=_("State"), choices=any_of(WatchState))
    rule = forms.CharField(label=_("Rule"), max_length=12)
    sampled = forms.BooleanField(label=_("Drawn for review"))


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class WaiverForm(forms.Form):
    rule = forms.ChoiceField(label=_("Rule"))
    subject = SubjectField(label=_("For"))
    valid_from = forms.DateField(label=_("From"), widget=DateInput())
    valid_until = forms.DateField(
        label=_("Until before"), widget=DateInput(), help_text=_("Three months at most.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, rules: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = rules


class DecisionForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class YesNoForm(forms.Form):
    """A figure that is yes or no, such as whether the company adopts a policy."""

    value = forms.TypedChoiceField(
        label=_("New value"),
        choices=[("true", _("yes")), ("false", _("no"))],
        coerce=lambda given: given == "true",
    )
    valid_from = forms.DateField(label=_("Holds from"), widget=DateInput())
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class FigureForm(forms.Form):
    value = forms.CharField(
        label=_("New value"),
        max_length=400,
        help_text=_("Amounts are whole fen (0.01 CNY). Lists are written in square brackets."),
    )
    valid_from = forms.DateField(label=_("Holds from"), widget=DateInput())
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def clean_value(self) -> Any:
        given = self.cleaned_data["value"].strip()
        try:
            return json.loads(given)
        except ValueError:
            return given
