"""Shapes of what a doctor sends from their own page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from doctors.choices import RequestKind


class CodeForm(forms.Form):
    """The one-time code that opens the page."""

    code = forms.RegexField(
        r"^\s*\d{6}\s*$",
        label=_("Six-digit code"),
        error_messages={"invalid": _("The code has six digits.")},
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "form-control"}
        ),
    )


class RequestForm(forms.Form):
    """What a doctor asks about their own data."""

    kind = forms.ChoiceField(label=_("What do you ask?"), choices=[("", "—"), *RequestKind.choices])
    words = forms.CharField(
        label=_("Anything to add?"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ContestForm(forms.Form):
    """Why the doctor thinks the tier wrong."""

    words = forms.CharField(
        label=_("Why is the tier wrong?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
        help_text=_("Facts about your academic work or the record. No patients, no prescriptions."),
    )
