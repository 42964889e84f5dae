"""Shapes of what a personal-data incident asks for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.choices import DataKind, IncidentKind
from compliance.forms.casework import MOMENT, words


class IncidentForm(forms.Form):
    kind = forms.ChoiceField(label=_("What happened to the data"), choices=IncidentKind.choices)
    data_kinds = forms.MultipleChoiceField(
        label=_("Kinds of data"), choices=DataKind.choices, widget=forms.CheckboxSelectMultiple
    )
    persons_affected = forms.IntegerField(label=_("How many persons"), min_value=0)
    is_estimate = forms.BooleanField(label=_("The number is an estimate"), required=False, initial=True)
    detected_at = forms.DateTimeField(label=_("Found at"), widget=MOMENT)
    occurred_at = forms.DateTimeField(label=_("Happened at, if known"), required=False, widget=MOMENT)
    cause = words(_("What happened, and why"))
    harm = words(_("What harm may come of it"), rows=2)
    contact = forms.CharField(label=_("Contact for authority and persons"), max_length=120)


class ContainForm(forms.Form):
    measures = words(_("What the company did at once"))
    advice = words(_("What a person can do to lessen the harm"), rows=2)


class SizeForm(forms.Form):
    persons_affected = forms.IntegerField(label=_("How many persons"), min_value=0)
    is_estimate = forms.BooleanField(label=_("The number is an estimate"), required=False)
    data_kinds = forms.MultipleChoiceField(
        label=_("Kinds of data"), choices=DataKind.choices, widget=forms.CheckboxSelectMultiple
    )


class AuthorityToldForm(forms.Form):
    told_at = forms.DateTimeField(label=_("Told at"), widget=MOMENT)
    reference = forms.CharField(label=_("Number given, or who took it"), max_length=80)


class PersonsToldForm(forms.Form):
    told_at = forms.DateTimeField(label=_("Told at"), widget=MOMENT)
    how = forms.CharField(label=_("On which way"), max_length=120)


class SpareForm(forms.Form):
    reason = words(_("Why the measures avoid harm"), rows=2)


class NoticeForm(forms.Form):
    audience = forms.ChoiceField(
        label=_("For"), choices=[("authority", _("Authority")), ("persons", _("Persons concerned"))]
    )


class EmptyForm(forms.Form):
    """A step that needs no words."""
