"""Shape of what a doctor sends from their own page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from doctors.choices import RequestKind


class CodeForm(forms.Form):
    code = forms.RegexField(
        r"^\s*\d{6}\s*$",
        label=_("Six digits"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class OwnRequestForm(forms.Form):
    """What a doctor asks on their own page."""

    kind = forms.ChoiceField(label=_("What do you ask?"), choices=[("", "—"), *RequestKind.choices])
    words = forms.CharField(
        label=_("Anything to add?"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
