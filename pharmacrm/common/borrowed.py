"""Sentences of packages that have no Chinese of their own: extracted with ours, so that no page falls back to English."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

BORROWED = (
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    _("%(model)s instance with %(field)s %(value)r is not a valid choice."),
)
