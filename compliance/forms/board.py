"""Filter of the training board."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.choices import DutyCause, DutyState, TrainedRole
from pharmacrm.common.listing import FilterForm, any_of


class BoardFilter(FilterForm):
    q = forms.CharField(label=_("Name"), max_length=80)
    course = forms.CharField(label=_("Course code"), max_length=40)
    role = forms.ChoiceField(label=_("Role"), choices=any_of(TrainedRole))
    cause = forms.ChoiceField(label=_("Because"), choices=any_of(DutyCause))
    state = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("all")), ("overdue", pgettext_lazy("course", "Overdue")), *DutyState.choices],
    )
