"""Shapes of what is filed about a representative."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.forms.integrity import ProofField
from compliance.models import RepFiling
from compliance.selectors.filings import IDENTITY_KINDS, SEXES

from .rulebook import DateInput

CODE = r"^[0-9A-Z]{18}$"
NO_CODE = {"invalid": _("Enter the 18 characters of the code.")}


class FilingDetailsForm(forms.Form):
    """All fields of MR-05 but the products, which a filing keeps apart. A field left empty says nothing."""

    name = forms.CharField(label=_("Name as filed"), max_length=80)
    sex = forms.ChoiceField(label=_("Sex"), choices=[("", "—"), *SEXES], required=False)
    photo = ProofField(label=_("Photo (JPEG or PNG)"), required=False)
    identity_kind = forms.ChoiceField(
        label=_("Kind of identity document"), choices=[("", "—"), *IDENTITY_KINDS], required=False
    )
    identity_number = forms.CharField(
        label=_("Identity number"),
        max_length=18,
        required=False,
        help_text=_("Kept encrypted and never shown. Leave empty to keep what is there."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    major = forms.CharField(label=_("Major"), max_length=60, required=False)
    degree = forms.CharField(label=_("Degree"), max_length=40, required=False)
    contract_from = forms.DateField(
        label=_("Contract or authorisation from"), widget=DateInput(), required=False
    )
    contract_until = forms.DateField(
        label=_("Contract or authorisation until before"), widget=DateInput(), required=False
    )
    drug_category = forms.CharField(label=_("Drug category"), max_length=80, required=False)
    therapeutic_area = forms.CharField(label=_("Therapeutic area"), max_length=120, required=False)
    mah_name = forms.CharField(label=_("Marketing authorisation holder"), max_length=120)
    mah_code = forms.RegexField(label=_("Unified social credit code"), regex=CODE, error_messages=NO_CODE)
    is_overseas_mah = forms.BooleanField(label=_("The holder is abroad"), required=False)
    domestic_name = forms.CharField(
        label=_("Entity in China acting for the holder"), max_length=120, required=False
    )
    domestic_code = forms.RegexField(
        label=_("Its unified social credit code"), regex=CODE, error_messages=NO_CODE, required=False
    )
    truth_stated = forms.BooleanField(label=_("The holder's statement of truth is signed"), required=False)
    evidence = ProofField(
        label=_("Proof from the filing platform (PDF or picture)"),
        required=False,
        help_text=_("A new proof settles a change that waited to be filed."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, filing: RepFiling, **kwargs: Any) -> None:
        kept = {
            name: getattr(filing, name)
            for name in self.base_fields
            if name not in {"photo", "evidence", "identity_number", "reason"}
        }
        super().__init__(*args, initial=kept, **kwargs)

    def clean_photo(self) -> Any:
        photo = self.cleaned_data["photo"]
        if photo and photo.media_type == "application/pdf":
            raise forms.ValidationError(_("A photo is a JPEG or PNG picture."))
        return photo


class ChangeForm(forms.Form):
    """A change of filed data: what, and since when."""

    what = forms.CharField(
        label=_("What changed"), max_length=200, help_text=_("For example employer, products, degree.")
    )
    changed_on = forms.DateField(label=_("Day of the change"), widget=DateInput())
