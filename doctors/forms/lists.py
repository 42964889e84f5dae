"""Shape of what lists and bulk actions send."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doctors.choices import BulkAct, ListKind
from doctors.selectors import saved
from pharmacrm.accounts import selectors as people
from pharmacrm.accounts.models import User
from pharmacrm.common.forms import offer

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ListForm(forms.Form):
    name = forms.CharField(label=_("Name of the list"), max_length=60)
    shared_with_id = forms.ChoiceField(label=_("Shared with"), required=False)

    def __init__(self, *args: Any, user: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = people.memberships_on(user, on).select_related("territory").order_by("territory__path")
        offer(
            self,
            "shared_with_id",
            [("", _("nobody: private")), *((str(one.territory_id), str(one.territory)) for one in own)],
        )

    def clean_shared_with_id(self) -> str | None:
        return self.cleaned_data["shared_with_id"] or None


class BulkForm(forms.Form):
    """What the chosen act needs to know."""

    list_id = forms.ChoiceField(label=_("List"), required=False)
    new_list = forms.CharField(label=_("or a new list"), max_length=60, required=False)
    to_territory_id = forms.ChoiceField(label=_("To"))
    effective_on = forms.DateField(label=_("Holds from"), widget=DAY)

    def __init__(self, *args: Any, act: str, user: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if act == BulkAct.REALIGN:
            del self.fields["list_id"], self.fields["new_list"]
            places = people.open_territories(on)
            if not people.sees_every_territory(user):
                places = places.filter(pk__in=people.territory_ids_of(user, on))
            offer(self, "to_territory_id", [(str(one.pk), f"{one.code} {one.name}") for one in places])
            return
        del self.fields["to_territory_id"], self.fields["effective_on"]
        own = saved.lists_visible_to(user, on).filter(owner=user, kind=ListKind.PICKS).order_by("name")
        offer(self, "list_id", [("", "—"), *((str(one.pk), one.name) for one in own)])
        if act == BulkAct.REMOVE:
            del self.fields["new_list"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "list_id" in self.fields and not (values.get("list_id") or values.get("new_list", "").strip()):
            self.add_error(
                "list_id",
                _("Choose a list, or name a new one.")
                if "new_list" in self.fields
                else _("Choose a list of your own."),
            )
        return values
