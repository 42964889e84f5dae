"""Shape of what the pages of hospitals send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doctors.choices import AliasKind, HospitalLevel, HospitalStatus, HospitalType, Ownership
from doctors.rules.levels import WRITTEN
from doctors.selectors.hospitals import division_today, hospital_by_code

MOST_BEDS, MOST_VISITS = 20_000, 50_000_000


class HospitalForm(forms.Form):
    """The facts of a hospital that a steward keeps."""

    name = forms.CharField(label=_("Hospital"), max_length=120)
    level = forms.ChoiceField(label=_("Level"), choices=HospitalLevel)
    kind = forms.ChoiceField(label=_("Type"), choices=HospitalType)
    ownership = forms.ChoiceField(label=_("Ownership"), choices=Ownership)
    status = forms.ChoiceField(label=_("State"), choices=HospitalStatus)
    beds = forms.IntegerField(label=_("Beds"), min_value=0, max_value=MOST_BEDS, required=False)
    outpatient_volume = forms.IntegerField(
        label=_("Out-patient visits a year"), min_value=0, max_value=MOST_VISITS, required=False
    )
    division = forms.CharField(
        label=_("Division code"), max_length=6, required=False,
        help_text=_("GB/T 2260; a code that was merged or renamed away becomes the one that holds today"),
    )  # fmt: skip
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=60, required=False)
    longitude = forms.DecimalField(
        label=_("Longitude"), min_value=-180, max_value=180, max_digits=9, decimal_places=6, required=False
    )
    latitude = forms.DecimalField(
        label=_("Latitude"), min_value=-90, max_value=90, max_digits=9, decimal_places=6, required=False
    )
    parent = forms.CharField(
        label=_("Leading hospital"), max_length=32, required=False,
        help_text=_("code of the hospital that leads the consortium"),
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def clean_division(self) -> str | None:
        code = self.cleaned_data["division"].strip()
        if not code:
            return None
        today = division_today(code)
        if today is None:
            raise forms.ValidationError(_("There is no division of this code."))
        return today

    def clean_parent(self) -> Any:
        code = self.cleaned_data["parent"].strip()
        if not code:
            return None
        leading = hospital_by_code(code)
        if leading is None:
            raise forms.ValidationError(_("There is no hospital of this code."))
        return leading

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if (said.get("longitude") is None) != (said.get("latitude") is None):
            self.add_error("latitude", _("Give both or neither."))
        return said

    def changes(self) -> dict[str, Any]:
        """Return the facts by the names the action knows."""
        said = dict(self.cleaned_data)
        said.pop("reason")
        said["division_id"], said["parent_id"] = said.pop("division"), said.pop("parent")
        return said


class AliasForm(forms.Form):
    name = forms.CharField(label=_("Other name"), max_length=120)
    kind = forms.ChoiceField(label=_("What kind of name"), choices=AliasKind)


class LevelForm(forms.Form):
    """A spelling, and the level it means."""

    said = forms.CharField(label=_("As given"), max_length=200)
    level = forms.ChoiceField(label=_("Means"), choices=[(code, code) for code in WRITTEN])
