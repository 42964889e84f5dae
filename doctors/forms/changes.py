"""Shape of what proposals send: corrections, new doctors, decisions field by field."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from doctors import selectors
from doctors.choices import Post, Title
from doctors.selectors import naming
from pharmacrm.accounts import selectors as people
from pharmacrm.accounts.models import User
from pharmacrm.common.forms import offer

MOST_FILES = 5
SIMILAR = 5


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files from one control."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", SeveralFiles())
        super().__init__(*args, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = data if isinstance(data, (list, tuple)) else [data]
        files = [super(FilesField, self).clean(one, initial) for one in given if one]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_("Attach five files at most."))
        return files


def _files() -> FilesField:
    return FilesField(
        label=_("Attachments"), required=False, help_text=_("PDF or pictures, up to five of 20 MB.")
    )


class ChangeForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    title = forms.ChoiceField(
        label=pgettext_lazy("physician", "Title"),
        choices=[("", _("no change")), *Title.choices],
        required=False,
    )
    post = forms.ChoiceField(label=_("Post"), choices=[("", _("no change")), *Post.choices], required=False)
    specialty = forms.CharField(label=_("Specialty"), max_length=80, required=False)
    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    attachments = _files()


class NewDoctorForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    hospital = forms.CharField(label=_("Hospital"), max_length=120, help_text=_("Name, other name or code."))
    department_name = forms.CharField(label=_("Department"), max_length=60, required=False)
    title = forms.ChoiceField(
        label=pgettext_lazy("physician", "Title"), choices=Title.choices, initial=Title.UNKNOWN
    )
    post = forms.ChoiceField(label=_("Post"), choices=Post.choices, initial=Post.NONE)
    specialty = forms.CharField(label=_("Specialty"), max_length=80, required=False)
    territory_id = forms.ChoiceField(label=_("For my territory"))
    note = forms.CharField(
        label=_("How do you know?"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    attachments = _files()
    is_another = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        own = people.memberships_on(user, on).select_related("territory").order_by("territory__path")
        offer(self, "territory_id", [(str(one.territory_id), str(one.territory)) for one in own])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        words = values.get("hospital")
        if words:
            found = naming.hospitals_named(words)
            if len(found) == 1:
                values["hospital_id"] = found[0]
            else:
                near = [card.name for card in selectors.search_hospitals(words)[:SIMILAR]]
                self.add_error(
                    "hospital",
                    _("Several have this name. Give the code.")
                    if found
                    else _("No hospital is called that. Perhaps: %(near)s") % {"near": "、".join(near)}
                    if near
                    else _("No hospital is called that."),
                )
        return values


class DecisionForm(forms.Form):
    accept = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    answer = forms.CharField(label=_("Answer"), max_length=300, required=False)
    is_by_field = forms.BooleanField(required=False)
