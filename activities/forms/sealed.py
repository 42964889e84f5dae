"""What a sealed file is needed for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class SealedProofForm(forms.Form):
    purpose = forms.CharField(
        label=_("What you need it for"), max_length=300, help_text=_("Kept in the ledger with your name.")
    )
