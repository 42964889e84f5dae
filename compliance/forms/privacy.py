"""Shape of what the pages of impact assessments and exports send."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.choices import AssessmentKind, ExportRoute, RiskLeft


def _text(label: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class AssessmentForm(forms.Form):
    title = forms.CharField(label=_("What is assessed?"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=AssessmentKind.choices)
    lawful_basis = forms.CharField(label=_("Lawful basis"), max_length=200)
    data_used = _text(_("Which data of whom?"))
    necessity = _text(_("Why is it necessary, and not more than that?"))
    risks = _text(_("What can happen to the persons?"))
    measures = _text(_("What is done against it?"))
    risk_left = forms.ChoiceField(label=_("Risk left"), choices=RiskLeft.choices)
    review_on = forms.DateField(
        label=_("Looked at again on"),
        required=False,
        help_text=_("Your proposal, within three years; left empty, a year from today."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    file = forms.FileField(label=_("Report (PDF)"), required=False)


class ReviewForm(forms.Form):
    review_on = forms.DateField(
        label=_("Looked at again on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=_("What has to change?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class RecipientForm(forms.Form):
    name = forms.CharField(label=_("Recipient"), max_length=120)
    region = forms.CharField(label=_("Country or region, two letters (CN: mainland China)"), max_length=2)
    route = forms.ChoiceField(label=_("Lawful route"), choices=ExportRoute.choices)
    route_number = forms.CharField(
        label=_("Number of the contract, certificate or decision"), max_length=60, required=False
    )
    route_until = forms.DateField(
        label=_("Ends before"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    assessment = forms.CharField(label=_("Number of the impact assessment"), max_length=30, required=False)
    account = forms.CharField(label=_("User name it exports with"), max_length=150, required=False)
