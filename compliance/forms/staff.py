"""Forms about people's qualification: shapes only."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance import subjects
from compliance.choices import ContractKind
from pharmacrm.common.listing import FilterForm

from .rulebook import DateInput


class FilterStaff(FilterForm):
    q = forms.CharField(label=_("Name"), max_length=80)


class DatedForm(forms.Form):
    valid_from = forms.DateField(label=_("From"), widget=DateInput())
    valid_until = forms.DateField(label=_("Until before"), widget=DateInput(), required=False)


class EmploymentForm(DatedForm):
    kind = forms.ChoiceField(label=_("Contract"), choices=ContractKind.choices)
    degree_proven = forms.BooleanField(label=_("Degree or title is proven"), required=False)
    bribery_checked_on = forms.DateField(
        label=_("Bribery record checked on"), widget=DateInput(), required=False
    )

    field_order = ["kind", "valid_from", "valid_until", "degree_proven", "bribery_checked_on"]


class FilingForm(DatedForm):
    number = forms.CharField(label=_("Filing number"), max_length=40)
    name = forms.CharField(label=_("Name as filed"), max_length=80)
    mah_name = forms.CharField(label=_("Marketing authorisation holder"), max_length=120)
    mah_code = forms.RegexField(
        label=_("Unified social credit code"),
        regex=r"^[0-9A-Z]{18}$",
        error_messages={"invalid": _("Enter the 18 characters of the code.")},
    )
    product_codes = forms.CharField(
        label=_("Product codes"), max_length=400, help_text=_("Parted by commas or spaces.")
    )
    assigned_codes = forms.CharField(
        label=_("Of these, assigned to this person"),
        max_length=400,
        required=False,
        help_text=_("Leave empty for all products of the filing."),
    )
    major = forms.CharField(label=_("Major"), max_length=60, required=False)
    degree = forms.CharField(label=_("Degree"), max_length=40, required=False)
    therapeutic_area = forms.CharField(label=_("Therapeutic area"), max_length=120, required=False)
    identity_number = forms.CharField(
        label=_("Identity number"),
        max_length=18,
        required=False,
        help_text=_("Kept encrypted and never shown."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    truth_stated = forms.BooleanField(label=_("The holder's statement of truth is signed"), required=False)

    field_order = [
        "number",
        "name",
        "mah_name",
        "mah_code",
        "product_codes",
        "assigned_codes",
        "valid_from",
        "valid_until",
    ]

    def clean_product_codes(self) -> list[str]:
        return codes_in(self.cleaned_data["product_codes"])

    def clean_assigned_codes(self) -> list[str]:
        return codes_in(self.cleaned_data["assigned_codes"])


class ScopeForm(forms.Form):
    """Which products of a filing the company gives to its person."""

    assigned_codes = forms.MultipleChoiceField(
        label=_("Assigned to this person"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Assign at least one product, or withdraw the filing.")},
    )
    reason = forms.CharField(label=_("Reason"), max_length=500)

    def __init__(self, *args: Any, codes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assigned_codes"].choices = [(code, code) for code in codes]


def codes_in(text: str) -> list[str]:
    """Return the product codes in what was typed. Raises: ValidationError for one that is too long."""
    codes = [code for code in re.split(r"[\s,，、;；]+", text) if code]
    if any(len(code) > 40 for code in codes):
        raise ValidationError(_("A product code has at most 40 characters."))
    return codes


class CertificateForm(forms.Form):
    course_id = forms.ChoiceField(label=_("Course"))
    score = forms.IntegerField(label=_("Score"), min_value=0, max_value=100)
    valid_from = forms.DateField(label=pgettext_lazy("examination", "Passed on"), widget=DateInput())
    valid_until = forms.DateField(label=_("Until before"), widget=DateInput())

    def __init__(self, *args: Any, courses: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course_id"].choices = courses


class CommitmentForm(DatedForm):
    text_sha256 = forms.RegexField(
        label=_("SHA-256 of the signed letter"),
        regex=r"^[0-9a-f]{64}$",
        error_messages={"invalid": _("Enter the 64 characters of the fingerprint.")},
    )

    field_order = ["text_sha256", "valid_from", "valid_until"]


class RegistrationForm(DatedForm):
    """A hospital that knows the person, typed by its full name or code."""

    hospital = forms.CharField(
        label=_("Hospital"), max_length=200, help_text=_("Its full name, another name or its code.")
    )
    number = forms.CharField(label=_("Number at the hospital"), max_length=60, required=False)

    field_order = ["hospital", "number", "valid_from", "valid_until"]

    def clean_hospital(self) -> str:
        named = subjects.found("hospital", self.cleaned_data["hospital"])
        if not named:
            raise forms.ValidationError(
                _("No hospital has this name or code. Write it as in the customer master.")
            )
        if len(named) > 1:
            raise forms.ValidationError(_("Several hospitals have this name. Enter the code instead."))
        return named[0]


class CourseForm(forms.Form):
    code = forms.RegexField(
        label=_("Course code"),
        regex=r"^[A-Za-z0-9._-]{2,40}$",
        error_messages={"invalid": _("Use 2 to 40 letters, digits, points or dashes.")},
    )
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=120)
    title_en = forms.CharField(label=_("Title in English"), max_length=120)
    months_valid = forms.IntegerField(label=_("Valid for (months)"), min_value=1, max_value=60, initial=12)
    pass_mark = forms.IntegerField(label=_("Pass mark"), min_value=1, max_value=100, initial=80)


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)
