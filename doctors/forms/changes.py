"""Shape of what proposals send: corrections, new doctors, decisions field by field."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from doctors import selectors
from doctors.choices import Channel, DoctorLanguage, GuidelineRole, Post, PostLevel, Title
from doctors.doors import MOST_FILES
from doctors.rules import works
from doctors.selectors import naming
from pharmacrm.accounts import selectors as people
from pharmacrm.accounts.models import User
from pharmacrm.common.forms import offer

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
    channel = forms.ChoiceField(
        label=_("Preferred channel"), choices=[("", _("no change")), *Channel.choices], required=False
    )
    language = forms.ChoiceField(
        label=_("Preferred language"), choices=[("", _("no change")), *DoctorLanguage.choices], required=False
    )
    publication_title = forms.CharField(label=_("Title of the publication"), max_length=500, required=False)
    publication_journal = forms.CharField(label=_("Journal"), max_length=200, required=False)
    publication_day = forms.CharField(
        label=_("Published"), max_length=10, required=False, help_text=_("2024, 2024-03 or 2024-03-15.")
    )
    publication_position = forms.IntegerField(
        label=_("Place among the authors"), min_value=1, max_value=5000, required=False
    )
    publication_pmid = forms.CharField(label="PMID", max_length=12, required=False)
    publication_doi = forms.CharField(label="DOI", max_length=200, required=False)
    guideline_title = forms.CharField(label=_("Guideline"), max_length=200, required=False)
    guideline_issuer = forms.CharField(label=_("Issued by"), max_length=120, required=False)
    guideline_year = forms.IntegerField(label=_("Year"), min_value=1950, max_value=2200, required=False)
    guideline_role = forms.ChoiceField(
        label=_("Role in the guideline"),
        choices=[("", _("not said")), *GuidelineRole.choices],
        required=False,
    )
    guideline_level = forms.ChoiceField(
        label=_("Level of the guideline"), choices=[("", _("not said")), *PostLevel.choices], required=False
    )
    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    attachments = _files()

    def wanted(self) -> dict[str, str]:
        """Return what is proposed, by field; a publication or a guideline is one field made of parts."""
        said = self.cleaned_data
        plain = ("name", "title", "post", "specialty", "channel", "language")
        return {
            **{name: said[name] for name in plain},
            **{
                kind: works.packed(kind, {part: said.get(f"{kind}_{part}") or "" for part in parts})
                for kind, parts in works.PARTS.items()
            },
        }

    def parts(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields of a publication and of a guideline, each behind its heading."""
        headings = {"publication": _("A publication"), "guideline": _("Work on a guideline")}
        return [
            (str(headings[kind]), [field for field in self if field.name.startswith(f"{kind}_")])
            for kind in works.PARTS
        ]

    def plain(self) -> list[forms.BoundField]:
        """Return the other fields."""
        return [field for field in self if not field.name.startswith(("publication_", "guideline_"))]


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
