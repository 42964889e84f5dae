"""Shape of what somebody enters to get an inspector's pack."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

DAYS = "days"
KINDS = [
    ("doctor", _("Doctor")),
    ("user", _("Staff member")),
    ("event", _("Academic event")),
    ("material", _("Material")),
    ("hospital", _("Hospital")),
    ("visit", _("Visit")),
    ("claim", _("Claim")),
    ("case", _("Case")),
    (DAYS, _("Days, everything in them")),
]


class PackForm(forms.Form):
    kind = forms.ChoiceField(label=_("Subject"), choices=KINDS)
    which = forms.CharField(
        label=_("Which one"),
        required=False,
        max_length=300,
        help_text=_("Its code, name, login name, or the address of its page."),
    )
    since = forms.DateField(
        label=_("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Who asked, and for what inspection. It stands in the ledger."),
    )

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        if entered.get("kind") == DAYS:
            for name in ("since", "until"):
                if not entered.get(name):
                    self.add_error(name, _("Days need a first and a last one."))
        elif not entered.get("which"):
            self.add_error("which", _("Say which one."))
        return entered
