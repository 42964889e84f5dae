"""Shapes of what a reviewer of the audit trail enters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from compliance.choices import TrailMark
from compliance.rules.trail_review import EVERY_MONTHS, Terms
from compliance.selectors.people import people_with_role
from pharmacrm.common.forms import offer
from pharmacrm.common.signing_forms import SignForm


class MarkForm(forms.Form):
    item = forms.UUIDField()
    mark = forms.ChoiceField(choices=[(one.value, one.label) for one in TrailMark if one != TrailMark.NONE])
    note = forms.CharField(required=False, max_length=500)


class SignReviewForm(SignForm):
    conclusion = forms.CharField(
        label=_("What was found"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )
    field_order = ["conclusion", "password", "code"]


class ReviewPlanForm(forms.Form):
    since = forms.ChoiceField(label=_("Holds from"))
    every_months = forms.TypedChoiceField(
        label=_("One review covers"), coerce=int, choices=[(one, "") for one in EVERY_MONTHS]
    )
    least = forms.IntegerField(label=_("Acts at least"), min_value=1, max_value=1000)
    per_mille = forms.IntegerField(label=_("Of a thousand acts"), min_value=0, max_value=1000)
    most = forms.IntegerField(label=_("Acts at most"), min_value=1, max_value=1000)
    days = forms.IntegerField(label=_("Days to the signature"), min_value=1, max_value=92)
    reviewer = forms.ChoiceField(label=_("Who signs"), required=False)
    reason = forms.CharField(label=_("Why the plan changes"), max_length=500)

    def __init__(self, *args: Any, months: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "since", [(one.isoformat(), f"{one:%Y-%m}") for one in months])
        offer(self, "every_months", [(one, _months(one)) for one in EVERY_MONTHS])
        people = [(str(one.pk), str(one)) for one in people_with_role("compliance")]
        offer(self, "reviewer", [("", _("any officer")), *people])

    def terms(self) -> Terms:
        given = self.cleaned_data
        return Terms(**{name: given[name] for name in ("every_months", "least", "per_mille", "most", "days")})


def _months(count: int) -> str:
    return ngettext("%(count)d month", "%(count)d months", count) % {"count": count}
