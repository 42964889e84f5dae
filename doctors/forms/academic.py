"""Shape of what is said of publications, guidelines and preferences."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from doctors.choices import (
    AcademicRole,
    Channel,
    DatePrecision,
    DoctorLanguage,
    GuidelineRole,
    InterestSource,
    PostLevel,
)

NOT_SAID = [("", _("not said"))]


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class PaperForm(forms.Form):
    """A publication. The day may be a year, a month or a day."""

    title = forms.CharField(label=_("Title of the publication"), max_length=500)
    journal = forms.CharField(label=_("Journal"), max_length=200)
    day = forms.CharField(
        label=pgettext_lazy("paper", "Published"), max_length=10, help_text=_("2024, 2024-03 or 2024-03-15.")
    )
    pmid = forms.CharField(label="PMID", max_length=12, required=False)
    doi = forms.CharField(label="DOI", max_length=200, required=False)
    authors_total = forms.IntegerField(
        label=_("Number of authors"), min_value=1, max_value=5000, required=False
    )

    def clean_day(self) -> tuple[date, str]:
        parts = self.cleaned_data["day"].strip().replace("/", "-").split("-")
        try:
            numbers = [int(part) for part in parts]
            day = date(*[*numbers, 1, 1][:3]) if len(numbers) <= 3 and numbers[0] > 999 else None
        except (ValueError, TypeError):
            day = None
        if day is None:
            raise forms.ValidationError(_("Write it as 2024, 2024-03 or 2024-03-15."))
        return day, (DatePrecision.YEAR, DatePrecision.MONTH, DatePrecision.DAY)[len(parts) - 1]

    def paper(self) -> dict[str, Any]:
        """Return the publication's values as actions take them."""
        said = self.cleaned_data
        return {
            "title": said["title"],
            "journal": said["journal"],
            "published_on": said["day"][0],
            "date_precision": str(said["day"][1]),
            "pmid": said["pmid"],
            "doi": said["doi"],
            "authors_total": said["authors_total"] or 0,
        }


class CorrectPaperForm(PaperForm):
    is_retracted = forms.BooleanField(label=_("Retracted"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def paper(self) -> dict[str, Any]:
        return {**super().paper(), "is_retracted": self.cleaned_data["is_retracted"]}


class PlaceForm(forms.Form):
    position = forms.IntegerField(label=_("Place among the authors"), min_value=1, max_value=5000)
    is_corresponding = forms.BooleanField(label=_("Corresponding author"), required=False)


class AuthoredForm(PaperForm, PlaceForm):
    """A publication, and the doctor's place in it."""

    ground = forms.CharField(
        label=_("How do you know that it is this doctor?"),
        max_length=200,
        help_text=_("By-line with the hospital, the doctor's own list, ORCID … A name alone is no ground."),
    )


class CorrectPlaceForm(PlaceForm, ReasonForm):
    pass


class GuidelineForm(forms.Form):
    title = forms.CharField(label=_("Guideline"), max_length=200)
    issuer = forms.CharField(label=_("Issued by"), max_length=120)
    year = forms.IntegerField(label=_("Year"), min_value=1950, max_value=2200)
    role = forms.ChoiceField(label=_("Role"), choices=GuidelineRole.choices, initial=GuidelineRole.EXPERT)
    level = forms.ChoiceField(label=_("Level"), choices=PostLevel.choices, initial=PostLevel.NATIONAL)
    source_url = forms.URLField(label=_("Public source"), required=False, assume_scheme="https")


class CorrectGuidelineForm(GuidelineForm, ReasonForm):
    pass


class SeatForm(forms.Form):
    """A seat in a society, a journal or a guideline group."""

    organisation = forms.CharField(label=_("Society, journal or group"), max_length=120)
    role = forms.ChoiceField(label=_("Role"), choices=AcademicRole.choices)
    level = forms.ChoiceField(label=_("Level"), choices=PostLevel.choices, initial=PostLevel.NATIONAL)
    valid_from = forms.DateField(
        label=_("Held since"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    source_url = forms.URLField(label=_("Public source"), required=False, assume_scheme="https")


class CorrectSeatForm(SeatForm, ReasonForm):
    pass


class EndSeatForm(ReasonForm):
    until = forms.DateField(
        label=_("First day on which it was held no more"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: today."),
    )


class PreferenceForm(forms.Form):
    channel = forms.ChoiceField(
        label=_("Preferred channel"), choices=[*NOT_SAID, *Channel.choices], required=False
    )
    language = forms.ChoiceField(
        label=_("Preferred language"), choices=[*NOT_SAID, *DoctorLanguage.choices], required=False
    )
    source = forms.ChoiceField(
        label=_("Source"),
        choices=[(one.value, one.label) for one in InterestSource if one != InterestSource.PUBLIC],
        initial=InterestSource.SELF_STATED,
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=False,
        help_text=_("Needed where it changes what stood before."),
    )


class CitationFileForm(forms.Form):
    file = forms.FileField(
        label=_("File of publications"),
        help_text=_("PubMed XML, NBIB, RIS, or CSV with a title column; at most 300 publications."),
    )


class AuthorDecisionForm(forms.Form):
    accept = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    words = forms.CharField(label=_("How you made sure"), max_length=200, required=False)
