"""What somebody enters to have records destroyed whose term is over, or to answer that."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.forms.oversight import LiftForm
from pharmacrm.common.signing_forms import SignForm


class DestroyForm(LiftForm):
    reason = forms.CharField(label=_("Reason"), max_length=300)


class RefuseForm(LiftForm):
    reason = forms.CharField(label=_("Why not"), max_length=300)


class ApproveForm(SignForm):
    """The second signature takes no reason: it stands under the first one's."""
