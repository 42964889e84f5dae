"""Forms about people, their roles and their own settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from pharmacrm.accounts import selectors
from pharmacrm.accounts.choices import Role, Theme
from pharmacrm.common.forms import offer
from pharmacrm.common.listing import FilterForm

ASSIGNABLE = [choice for choice in Role.choices if choice[0] != Role.SERVICE]


class FilterPeople(FilterForm):
    q = forms.CharField(label=_("Name"), max_length=80)
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("all")), *ASSIGNABLE])
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("all")), ("active", _("Active")), ("ended", _("Ended"))]
    )


class PersonForm(forms.Form):
    username = forms.RegexField(
        label=_("User name"),
        regex=r"^[A-Za-z0-9._-]{2,60}$",
        help_text=_("Letters, digits, point, dash. It is never given to somebody else."),
        error_messages={"invalid": _("Use 2 to 60 letters, digits, points or dashes.")},
    )
    display_name = forms.CharField(label=_("Name"), max_length=80)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    job_title = forms.CharField(label=_("Job title"), max_length=80, required=False)
    line_manager_id = forms.ChoiceField(label=_("Reports to"), required=False)

    def __init__(self, *args: Any, person: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [
            one for one in selectors.people().filter(is_active=True) if person is None or one.pk != person.pk
        ]
        offer(self, "line_manager_id", [("", "—"), *((str(one.pk), str(one)) for one in people)])
        if person is not None:
            del self.fields["username"]

    def clean_line_manager_id(self) -> str | None:
        return self.cleaned_data["line_manager_id"] or None


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=ASSIGNABLE,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("An administrator holds no other role. Who visits doctors does not review or watch."),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("It stands in the ledger with your name.")
    )


class SettingsForm(forms.Form):
    display_name = forms.CharField(label=_("Name"), max_length=80)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    theme = forms.ChoiceField(label=_("Appearance"), choices=Theme.choices)
