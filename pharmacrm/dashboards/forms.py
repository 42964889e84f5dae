"""Filters of the boards, read from the address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doctors.choices import Tier
from pharmacrm.common.listing import FilterForm, any_of


class BoardFilter(FilterForm):
    cycle = forms.ChoiceField(label=_("Cycle"))
    tier = forms.ChoiceField(label=_("Tier"), choices=[*any_of(Tier), ("none", _("No tier"))])
    team = forms.ChoiceField(label=_("Team"))
    rep = forms.ChoiceField(label=_("Representative"))

    def __init__(
        self,
        *args: Any,
        cycles: list[tuple[str, str]],
        teams: list[tuple[str, str]],
        reps: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        every: list[tuple[str, Any]] = [("", _("all"))]
        self.fields["cycle"].choices = [("", _("current")), *cycles]
        self.fields["team"].choices = every + list(teams)
        self.fields["rep"].choices = every + list(reps)
