"""Shapes of what officers and approvers enter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.choices import CaseRisk, CaseSource, CaseState
from compliance.forms.naming import SubjectField, subject_of
from compliance.selectors.people import people_with_role
from pharmacrm.common.listing import FilterForm, any_of
from pharmacrm.common.signing_forms import OptionalSignForm, SignForm


class HoldForm(forms.Form):
    subjects = forms.CharField(
        label=_("What has to stop"),
        help_text=_("One a line: its code, name, login name, or the address of its page."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("Whoever meets the hold reads this: name no report and no reporter."),
    )
    confirm = forms.CharField(label=_("Type its name to confirm"), required=False, max_length=200)

    def clean_subjects(self) -> list[str]:
        return [subject_of(line) for line in self.cleaned_data["subjects"].splitlines() if line.strip()]


class LiftForm(SignForm):
    reason = forms.CharField(label=_("Why it may go on"), max_length=500)
    field_order = ["reason", "password", "code"]


class SettleForm(forms.Form):
    settlement = forms.CharField(
        label=_("Why nothing more has to be done"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000
    )


class OpenCaseForm(forms.Form):
    title = forms.CharField(label=_("Title of the case"), max_length=200)


class NewCaseForm(OpenCaseForm):
    subject = SubjectField(label=pgettext_lazy("case", "About"))


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("What was found or done"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000
    )


class CaseHoldForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it has to stop"),
        max_length=500,
        help_text=_("Whoever meets the hold reads this: name no report and no reporter."),
    )


class AssignForm(forms.Form):
    owner = forms.ModelChoiceField(label=_("Officer"), queryset=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_with_role("compliance")  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    state = forms.ChoiceField(
        label=_("Next step"),
        choices=[(state.value, state.label) for state in (CaseState.INVESTIGATING, CaseState.CORRECTING)],
    )
    root_cause = forms.CharField(
        label=_("Root cause"), required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=4000
    )


class CloseForm(SignForm):
    root_cause = forms.CharField(
        label=_("Root cause"), widget=forms.Textarea(attrs={"rows": 2}), max_length=4000
    )
    correction = forms.CharField(
        label=_("What was done about it"), widget=forms.Textarea(attrs={"rows": 2}), max_length=4000
    )
    field_order = ["root_cause", "correction", "password", "code"]


class AnswerForm(OptionalSignForm):
    comment = forms.CharField(
        label=_("Comment"), required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=2000
    )
    to = forms.ModelChoiceField(label=_("Whom to pass on to, add or copy"), required=False, queryset=None)
    field_order = ["comment", "to", "password", "code"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = get_user_model().objects.filter(is_active=True).order_by("display_name")
        self.fields["to"].queryset = people  # type: ignore[attr-defined]


class DeputyForm(forms.Form):
    """Who answers requests while one is away: somebody who holds the same roles."""

    deputy = forms.ModelChoiceField(label=_("Deputy"), queryset=None)
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)

    def __init__(self, *args: Any, asker: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = get_user_model().objects.filter(is_active=True).exclude(pk=asker.pk)
        for role in sorted(asker.roles):
            people = people.filter(groups__name=role)
        self.fields["deputy"].queryset = people.order_by("display_name")  # type: ignore[attr-defined]


class LedgerFilter(FilterForm):
    subject = forms.CharField(label=_("Subject"), max_length=80)
    event = forms.CharField(label=_("Act begins with"), max_length=80)
    actor = forms.CharField(label=_("Person"), max_length=80)
    since = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))


class CaseFilter(FilterForm):
    state = forms.ChoiceField(label=_("State"), choices=any_of(CaseState))
    source = forms.ChoiceField(label=_("Opened by"), choices=any_of(CaseSource))
    risk = forms.ChoiceField(label=_("Risk"), choices=any_of(CaseRisk))
    q = forms.CharField(label=_("Number or title"), max_length=80)
