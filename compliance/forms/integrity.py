"""Shapes of letters of commitment, checks of bribery and proofs of registrations."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from compliance.choices import CheckResult
from pharmacrm.common.listing import FilterForm

from .rulebook import DateInput

PROOF = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
LIST_BYTES = 2 << 20
HEADINGS = {
    "姓名": "person",
    "单位": "company",
    "来源": "source",
    "公布日期": "published_on",
    "说明": "detail",
}


class ProofField(forms.FileField):
    """A PDF or a picture, told by its bytes; `media_type` stands on the cleaned file."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if upload:
            head = upload.read(8)
            upload.seek(0)
            upload.media_type = next((kind for magic, kind in PROOF.items() if head.startswith(magic)), "")
            if not upload.media_type:
                raise ValidationError(_("This is neither a PDF nor a JPEG or PNG picture."))
        return upload


class LetterTextForm(forms.Form):
    text_zh = forms.CharField(
        label=_("Letter in Chinese"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 8, "lang": "zh-Hans"}),
    )
    text_en = forms.CharField(
        label=_("Letter in English"), max_length=8000, widget=forms.Textarea(attrs={"rows": 8, "lang": "en"})
    )
    months_valid = forms.IntegerField(label=_("Valid for (months)"), min_value=1, max_value=60, initial=12)


class BriberyCheckForm(forms.Form):
    source = forms.CharField(
        label=_("Looked up in"),
        max_length=160,
        help_text=_("Such as the judgments' site, and the lists kept here."),
    )
    earlier_company = forms.CharField(label=_("Earlier employer"), max_length=160, required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    evidence = ProofField(label=_("Proof (PDF or picture)"), required=False)


class HitForm(forms.Form):
    result = forms.ChoiceField(
        label=_("What came out"),
        choices=[(one.value, one.label) for one in (CheckResult.OTHER, CheckResult.FOUND)],
    )
    note = forms.CharField(label=_("Reason"), max_length=200)


class ListEntryForm(forms.Form):
    person = forms.CharField(label=_("Person"), max_length=80, required=False)
    company = forms.CharField(label=_("Company"), max_length=160, required=False)
    source = forms.CharField(label=_("Source"), max_length=160)
    published_on = forms.DateField(label=_("Published on"), widget=DateInput())
    detail = forms.CharField(label=_("What was found"), max_length=400, required=False)

    def clean(self) -> dict[str, Any] | None:
        given = super().clean() or {}
        if not given.get("person") and not given.get("company"):
            raise ValidationError(_("Each line names a person or a company."))
        return given


class ListFileForm(forms.Form):
    file = forms.FileField(
        label=_("List as CSV"),
        help_text=_("First line: person,company,source,published_on,detail; dates as 2026-01-31; UTF-8."),
    )

    def clean_file(self) -> list[dict[str, Any]]:
        upload = self.cleaned_data["file"]
        if upload.size > LIST_BYTES:
            raise ValidationError(_("The list is larger than 2 MB. Split it."))
        try:
            lines = list(csv.DictReader(io.StringIO(upload.read().decode("utf-8-sig"))))
        except (UnicodeDecodeError, csv.Error) as error:
            raise ValidationError(_("This is no CSV in UTF-8.")) from error
        rows, wrong = [], []
        for number, line in enumerate(lines, start=2):
            row: dict[str, Any] = {
                HEADINGS.get(str(name).strip(), ""): (words or "") for name, words in line.items()
            }
            try:
                row["published_on"] = date.fromisoformat(str(row.get("published_on", "")).strip())
            except ValueError:
                wrong.append(str(number))
                continue
            named = str(row.get("person", "")).strip() or str(row.get("company", "")).strip()
            if not named or not str(row.get("source", "")).strip() or len(str(row["source"])) > 160:
                wrong.append(str(number))
            rows.append({name: words for name, words in row.items() if name in HEADINGS.values()})
        if wrong:
            raise ValidationError(
                _("Lines that cannot be read: %(lines)s.") % {"lines": ", ".join(wrong[:20])}
            )
        return rows


class ListFilter(FilterForm):
    q = forms.CharField(label=_("Name"), max_length=80)


class EvidenceForm(forms.Form):
    evidence = ProofField(label=_("Proof (PDF or picture)"))
