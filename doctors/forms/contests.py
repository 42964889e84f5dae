"""Shapes of input about a contested tier."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doctors.choices import Tier


class ContestForm(forms.Form):
    """Why a tier is wrong."""

    words = forms.CharField(
        label=_("Why is the tier wrong?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
        help_text=_("Facts about the doctor's academic work or the record. No patients, no prescriptions."),
    )


class ContestAnswerForm(forms.Form):
    """A person's decision on a contested tier, with the answer the doctor reads."""

    tier = forms.ChoiceField(label=_("Decision"), required=False)
    answer = forms.CharField(
        label=_("Answer"), max_length=500, widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"})
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        tier = self.fields["tier"]
        assert isinstance(tier, forms.ChoiceField)  # noqa: S101 - declared above
        tier.choices = [
            ("", _("Keep what the score gives")),
            *((value, label) for value, label in Tier.choices),
        ]
        tier.widget.attrs["class"] = "form-select"
