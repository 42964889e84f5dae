"""The login package's forms in our words: labels above, no placeholders that vanish while typing."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as package
from allauth.mfa.webauthn import forms as keys
from django.utils.translation import gettext_lazy as _

LABELS = {
    "login": _("User name or e-mail"),
    "password": _("Password"),
    "oldpassword": _("Present password"),
    "password1": _("New password"),
    "password2": _("New password again"),
    "email": _("E-mail"),
    "name": _("Name of the key"),
}


class Plain:
    """Takes placeholders away and says each label in the product's words."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = LABELS.get(name, field.label)
            if name in {"login", "password"}:
                field.help_text = ""


class LoginForm(Plain, package.LoginForm):
    pass


class ReauthenticateForm(Plain, package.ReauthenticateForm):
    pass


class ChangePasswordForm(Plain, package.ChangePasswordForm):
    pass


class ResetPasswordForm(Plain, package.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(Plain, package.ResetPasswordKeyForm):
    pass


class AddKeyForm(Plain, keys.AddWebAuthnForm):
    pass


class EditKeyForm(Plain, keys.EditWebAuthnForm):
    pass
