"""Shape of what the import pages send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pharmacrm.common.listing import FilterForm, any_of

from .choices import ImportState
from .models import ImportJob
from .registry import Kind


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=_("What does the file hold?"), widget=forms.RadioSelect)
    file = forms.FileField(label=_("File"), help_text=_("Excel (.xlsx, .xls) or CSV, at most 200 MB"))

    def __init__(self, *args: Any, kinds: list[Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.name, kind.title) for kind in kinds]  # type: ignore[attr-defined]
        if kinds:
            self.fields["kind"].initial = kinds[0].name


class MappingForm(forms.Form):
    """One choice for each column of the kind: which column of the file holds it."""

    def __init__(self, *args: Any, job: ImportJob, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [("", _("not in this file"))] + [
            (str(place), text or _("column without a header")) for place, text in enumerate(job.headers)
        ]
        for column in kind.columns:
            field = forms.ChoiceField(label=column.label, choices=places, required=column.required)
            field.initial = str(job.mapping.get(column.name, ""))
            self.fields[column.name] = field

    def mapping(self) -> dict[str, int]:
        """Return the place of the header for each column that was chosen."""
        return {name: int(place) for name, place in self.cleaned_data.items() if place != ""}


class FixForm(forms.Form):
    """One wrong value of a column, and what it means everywhere in the file."""

    column = forms.CharField(max_length=40)
    wrong = forms.CharField(max_length=4000, strip=False, required=False)
    text = forms.CharField(max_length=4000)
    remember = forms.BooleanField(required=False)


class CellForm(forms.Form):
    number = forms.IntegerField(min_value=1)
    column = forms.CharField(max_length=40)
    text = forms.CharField(max_length=4000, required=False, strip=True)


class CommitForm(forms.Form):
    only_good = forms.BooleanField(required=False)


class JobFilter(FilterForm):
    state = forms.ChoiceField(label=_("State"), choices=any_of(ImportState))


class GridFilter(FilterForm):
    show = forms.ChoiceField(
        label=_("Rows"), choices=[("", _("To correct")), ("remarked", _("With a remark")), ("all", _("all"))]
    )
    column = forms.CharField(widget=forms.HiddenInput)
    code = forms.CharField(widget=forms.HiddenInput)
