"""The moment at which somebody wants to see a record."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class AsOfForm(forms.Form):
    at = forms.DateTimeField(
        label=_("As it was at"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
