"""Shape of what the pages of applications send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pharmacrm.common.signing_forms import SignForm

from . import selectors


class ReasonAndProofForm(SignForm):
    """Why, and what a signer enters again. Source: 21 CFR 11.200."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("It stands in the ledger with your name.")
    )
    field_order = ("reason", "password", "code")


class NewClientForm(ReasonAndProofForm):
    """An application of one of the kinds; each asks for its own fields."""

    name = forms.CharField(label=_("Name of the application"), max_length=80)
    kind = forms.ChoiceField(
        label=_("Kind of application"),
        choices=[
            ("service", _("Data alone: client credentials with a service account")),
            ("people", _("For people: authorization code with PKCE")),
        ],
        widget=forms.RadioSelect,
    )
    service_account = forms.ModelChoiceField(
        label=_("Service account"), queryset=None, required=False, empty_label=_("a new one, named below")
    )
    username = forms.SlugField(label=_("User name of the new service account"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail of who answers for it"), required=False)
    redirect_uris = forms.URLField(
        label=_("Address to return to"), required=False, max_length=300, assume_scheme="https",
        help_text=_("Only for an application for people."),
    )  # fmt: skip
    field_order = [
        "name", "kind", "service_account", "username", "email", "redirect_uris", "reason", "password", "code",
    ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service_account"].queryset = selectors.service_accounts()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == "service" and not given.get("service_account"):
            for name in ("username", "email"):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, _("A new service account needs it."))
        if (
            given.get("kind") == "people"
            and not given.get("redirect_uris")
            and "redirect_uris" not in self.errors
        ):
            self.add_error("redirect_uris", _("An application for people needs an address to return to."))
        return given
