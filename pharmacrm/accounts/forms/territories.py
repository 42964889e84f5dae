"""Forms about the territory tree and who works in it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pharmacrm.accounts import selectors
from pharmacrm.accounts.choices import Role
from pharmacrm.common.forms import offer

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
WORKS = [
    (Role.REP.value, Role.REP.label),
    (Role.LINE_MANAGER.value, Role.LINE_MANAGER.label),
    (Role.MEDICAL.value, Role.MEDICAL.label),
]


class TerritoryForm(forms.Form):
    code = forms.RegexField(
        label=_("Code"),
        regex=r"^[A-Za-z0-9._-]{1,32}$",
        error_messages={"invalid": _("Use up to 32 letters, digits, points or dashes.")},
    )
    name = forms.CharField(label=_("Territory name"), max_length=80)
    parent_id = forms.ChoiceField(label=_("Part of"), required=False)
    line = forms.CharField(
        label=_("Product line or team"),
        max_length=16,
        required=False,
        help_text=_("Empty: as the territory above. In one line a doctor belongs to one territory at most."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tree = [
            (str(one.pk), f"{one.path.strip('/').replace('/', ' / ')} {one.name}")
            for one in selectors.territories()
        ]
        offer(self, "parent_id", [("", _("nothing: a root")), *tree])

    def clean_parent_id(self) -> str | None:
        return self.cleaned_data["parent_id"] or None


class MoveForm(forms.Form):
    parent_id = forms.ChoiceField(label=_("Part of"))
    effective_on = forms.DateField(label=_("From"), widget=DAY)

    def __init__(self, *args: Any, place: Any, on: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        elsewhere = selectors.open_territories(on).exclude(path__startswith=place.path)
        offer(self, "parent_id", [(str(one.pk), f"{one.code} {one.name}") for one in elsewhere])


class NameForm(forms.Form):
    name = forms.CharField(label=_("Territory name"), max_length=80)


class MemberForm(forms.Form):
    user_id = forms.ChoiceField(label=_("Person"))
    role = forms.ChoiceField(label=_("Works as"), choices=WORKS)
    valid_from = forms.DateField(label=_("From"), widget=DAY)
    valid_until = forms.DateField(
        label=_("Until"),
        widget=DAY,
        required=False,
        help_text=_("The first day on which it no longer holds."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [one for role, _label in WORKS for one in selectors.people_with_role(role)]
        offer(self, "user_id", {one.pk: (str(one.pk), str(one)) for one in people}.values())


class EndMemberForm(forms.Form):
    valid_until = forms.DateField(
        label=_("Until"), widget=DAY, help_text=_("The first day on which it no longer holds.")
    )
