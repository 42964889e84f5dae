"""Shape of what the doctors' pages send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doctors import selectors
from doctors.choices import HospitalLevel, HospitalType, Tier
from pharmacrm.common.listing import FilterForm, any_of

LEVELS = [
    ("", _("all")),
    ("3", _("Grade 3")),
    ("3a", HospitalLevel.L3A.label),
    ("2", _("Grade 2")),
    ("1", _("Grade 1")),
    ("ungraded", HospitalLevel.UNGRADED.label),
    ("unknown", HospitalLevel.UNKNOWN.label),
]


class DoctorFilter(FilterForm):
    q = forms.CharField(
        label=_("Search"),
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": _("name, pinyin, hospital, phone tail")}),
    )
    tier = forms.ChoiceField(label=_("Tier"), choices=[*any_of(Tier), ("none", _("No tier yet"))])
    level = forms.ChoiceField(label=_("Level"), choices=LEVELS)
    division = forms.ChoiceField(label=_("Province"))
    department = forms.ChoiceField(label=_("Department"))
    specialty = forms.CharField(label=_("Specialty"), max_length=80)
    territory = forms.UUIDField(widget=forms.HiddenInput)
    hospital = forms.UUIDField(widget=forms.HiddenInput)
    picked = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = [("", _("all"))]
        self.fields["division"].choices = every + selectors.provinces()  # type: ignore[attr-defined]
        self.fields["department"].choices = every + selectors.departments()  # type: ignore[attr-defined]


class HospitalFilter(FilterForm):
    q = forms.CharField(label=_("Search"), max_length=60)
    level = forms.ChoiceField(label=_("Level"), choices=LEVELS)
    division = forms.ChoiceField(label=_("Province"))
    kind = forms.ChoiceField(label=_("Type"), choices=any_of(HospitalType))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["division"].choices = [("", _("all")), *selectors.provinces()]  # type: ignore[attr-defined]


class RevealForm(forms.Form):
    purpose = forms.CharField(label=_("What do you need it for?"), max_length=200)


class ConsentForm(forms.Form):
    channel = forms.CharField(max_length=10)
    value = forms.ChoiceField(choices=[("on", "on"), ("off", "off")])
