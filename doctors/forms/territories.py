"""Shape of what the pages of territories send."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doctors.choices import RealignmentKind, RuleKind
from doctors.selectors import naming
from pharmacrm.accounts import selectors as people
from pharmacrm.accounts.models import User
from pharmacrm.common.forms import offer

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _places(user: User, on: date) -> list[tuple[str, str]]:
    reach = (
        None
        if people.may_align(user, [], on) and people.sees_every_territory(user)
        else set(people.territory_ids_of(user, on))
    )
    return [
        (str(one.pk), f"{one.code} {one.name}")
        for one in people.open_territories(on)
        if reach is None or one.pk in reach
    ]


class NamingForm(forms.Form):
    """Finds what was typed: the one division, hospital or doctor of that code or name."""

    user: User
    on: date

    def the_one(self, field: str, found: list[Any]) -> Any:
        """Return the only one found, or say that there is none or more than one."""
        if len(found) == 1:
            return found[0]
        self.add_error(
            field,
            _("Nothing of this code or name is kept.")
            if not found
            else _("Several have this name. Give the code."),
        )
        return None

    def named(self, field: str, kind: str) -> Any:
        words = self.cleaned_data.get(field) or ""
        match kind:
            case "division":
                return self.the_one(field, naming.divisions_named(words))
            case "hospital":
                return self.the_one(field, naming.hospitals_named(words))
            case _:
                return self.the_one(field, naming.doctors_named(words, self.user, self.on))


class RuleForm(NamingForm):
    kind = forms.ChoiceField(label=_("Kind of rule"), choices=RuleKind.choices)
    named_as = forms.CharField(
        label=_("Code or name"), max_length=120, help_text=_("Of the division, hospital or doctor.")
    )

    def __init__(self, *args: Any, user: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.on = user, on

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors:
            values["named"] = self.named("named_as", values["kind"].removeprefix("not_"))
        return values


class RealignmentForm(forms.Form):
    name = forms.CharField(label=_("Name of the realignment"), max_length=80)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    effective_on = forms.DateField(label=_("Holds from"), widget=DAY)


class ChangeLineForm(NamingForm):
    kind = forms.ChoiceField(
        label=_("Who moves"), choices=[one for one in RealignmentKind.choices if one[0] != "reverse"]
    )
    named_as = forms.CharField(
        label=_("Code or name"),
        max_length=120,
        required=False,
        help_text=_("Of the doctor, hospital or division; empty for a territory or its rules."),
    )
    from_territory_id = forms.ChoiceField(label=_("Only those of"), required=False)
    to_territory_id = forms.ChoiceField(label=_("To"))

    def __init__(self, *args: Any, user: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.on = user, on
        places = _places(user, on)
        offer(self, "from_territory_id", [("", _("wherever they are")), *places])
        offer(self, "to_territory_id", places)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.errors:
            return values
        kind = values["kind"]
        if kind in {"doctor", "hospital", "division"}:
            values[f"{kind}_id"] = self.named("named_as", kind)
        elif kind == "territory" and not values.get("from_territory_id"):
            self.add_error("from_territory_id", _("Say whose doctors move."))
        values.pop("named_as", None)
        return values


class AskForm(forms.Form):
    approver_id = forms.ChoiceField(label=_("Who agrees"))

    def __init__(self, *args: Any, people_asked: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "approver_id", [(str(one.pk), f"{one} {one.job_title}".strip()) for one in people_asked])


class DayForm(forms.Form):
    effective_on = forms.DateField(label=_("Holds from"), widget=DAY)


class CloseForm(forms.Form):
    closes_on = forms.DateField(label=_("Closed from"), widget=DAY)


class DeclineForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    evidence = forms.FileField(
        label=_("Evidence"), required=False, help_text=_("PDF or picture, up to 20 MB.")
    )


class ClaimForm(DeclineForm):
    name = forms.CharField(label=_("Name of the doctor"), max_length=80)
    hospital = forms.CharField(label=_("Hospital"), max_length=120)
    territory_id = forms.ChoiceField(label=_("For my territory"))

    field_order = ["name", "hospital", "territory_id", "reason", "evidence"]

    def __init__(self, *args: Any, user: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = people.memberships_on(user, on).select_related("territory").order_by("territory__path")
        offer(self, "territory_id", [(str(one.territory_id), str(one.territory)) for one in own])


class ClaimDecisionForm(forms.Form):
    accept = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    answer = forms.CharField(label=_("Reason for the answer"), max_length=300)
    on = forms.DateField(label=_("Holds from"), widget=DAY, required=False)
    doctor_id = forms.UUIDField(required=False)
    to_territory_id = forms.UUIDField(required=False)
