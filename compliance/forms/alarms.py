"""Forms about the never-store guard's alarms: shapes only."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.choices import AlarmPlace, AlarmState
from pharmacrm.common.listing import FilterForm, any_of


class FilterAlarms(FilterForm):
    state = forms.ChoiceField(label=_("State"), choices=any_of(AlarmState))


class ClaimForm(forms.Form):
    place = forms.ChoiceField(label=_("Where it was stopped"), choices=AlarmPlace)
    kind = forms.CharField(
        label=_("Import or field"),
        max_length=60,
        help_text=_("Such as doctors for an import of doctors, or visit.note."),
    )
    text = forms.CharField(
        label=_("Header or words"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Exactly as it was refused. It is kept encrypted until two people have decided."),
    )  # fmt: skip
    claim = forms.CharField(
        label=_("Why it is innocent"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
