"""Shapes of what a reviewer of the audit trail enters."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.choices import TrailMark

from .oversight import SignForm


class MarkForm(forms.Form):
    item = forms.UUIDField()
    mark = forms.ChoiceField(choices=[(one.value, one.label) for one in TrailMark if one != TrailMark.NONE])
    note = forms.CharField(required=False, max_length=500)


class SignReviewForm(SignForm):
    conclusion = forms.CharField(
        label=_("What was found"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )
    field_order = ["conclusion", "password", "code"]
