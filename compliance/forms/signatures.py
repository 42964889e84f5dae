"""Filter of the manifest of signatures."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from pharmacrm.common.listing import FilterForm


class SignatureFilter(FilterForm):
    subject = forms.CharField(label=_("Subject"), max_length=80)
    signer = forms.CharField(label=_("Person"), max_length=80)
