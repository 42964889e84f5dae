"""Shape of what the privacy desk's pages send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from doctors.choices import IdentityCheck, RequestKind, RequestSource, RequestState, Title
from pharmacrm.common.listing import FilterForm, any_of
from pharmacrm.common.signing_forms import OptionalSignForm


class RequestFilter(FilterForm):
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("all")), ("under_way", _("Under way")), *RequestState.choices]
    )
    kind = forms.ChoiceField(label=_("What is asked"), choices=any_of(RequestKind))
    source = forms.ChoiceField(label=_("Came through"), choices=any_of(RequestSource))
    late = forms.ChoiceField(
        label=_("Clock"),
        choices=[("", _("all")), ("target", _("Past the goal")), ("overdue", _("Past the last day"))],
    )


class TakeRequestForm(forms.Form):
    kind = forms.ChoiceField(label=_("What does the doctor ask?"), choices=[("", "—"), *RequestKind.choices])
    source = forms.ChoiceField(
        label=_("How did it reach us?"),
        choices=[(key, label) for key, label in RequestSource.choices if key != RequestSource.PAGE],
    )
    words = forms.CharField(
        label=_("In the doctor's words"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class OwnRequestForm(forms.Form):
    """What a doctor asks on their own page."""

    kind = forms.ChoiceField(label=_("What do you ask?"), choices=[("", "—"), *RequestKind.choices])
    words = forms.CharField(
        label=_("Anything to add?"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class IdentityForm(forms.Form):
    how = forms.ChoiceField(
        label=_("How did you make sure who asks?"),
        choices=[(key, label) for key, label in IdentityCheck.choices if key != IdentityCheck.CODE],
    )


class HandBackForm(forms.Form):
    """Why an erasure is not carried out."""

    reason = forms.CharField(
        label=_("Why it goes back"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class AnswerRequestForm(OptionalSignForm):
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("yes", _("Do what is asked")), ("no", _("Refuse"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason, or what else the letter says"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A refusal needs its reason."),
    )
    name = forms.CharField(label=_("Right name"), required=False, max_length=60)
    title = forms.ChoiceField(
        label=pgettext_lazy("physician", "Title"), choices=[("", "—"), *Title.choices], required=False
    )
    specialty = forms.CharField(label=_("Specialty"), required=False, max_length=80)
    department_name = forms.CharField(label=_("Department"), required=False, max_length=80)
    field_order = (
        "decision", "reason", "name", "title", "specialty", "department_name", "password", "code",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = _("A yes to an erasure is signed.")


class FrozenForm(forms.Form):
    """What the kept name of an erased doctor is needed for."""

    purpose = forms.CharField(
        label=_("What you need it for"),
        max_length=300,
        help_text=_("Kept in the ledger with your name. The name is shown once."),
    )
