"""Shapes of input on the doctor's page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class LinkCodeForm(forms.Form):
    """The one-time code that opens a link."""

    code = forms.CharField(
        label=_("Six-digit code"),
        max_length=6,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "form-control"}
        ),
    )


class WordsForm(forms.Form):
    """Why the doctor thinks the tier wrong."""

    words = forms.CharField(
        label=_("Why is the tier wrong?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
        help_text=_("Facts about your academic work or the record. No patients, no prescriptions."),
    )
