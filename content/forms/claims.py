"""Claims and evidence as typed."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from content import selectors
from content.choices import ClaimStatus, EvidenceLevel, ReferenceKind, ReferenceStanding
from pharmacrm.common.listing import FilterForm, any_of


def product_choices() -> list[tuple[str, str]]:
    return [(str(product.pk), f"{product.code} {product}") for product in selectors.products()]


def product_code_choices() -> list[tuple[str, Any]]:
    return [("", _("all")), *((product.code, str(product)) for product in selectors.products())]


class ClaimForm(forms.Form):
    product_id = forms.ChoiceField(label=_("Product"), choices=product_choices)
    text_zh = forms.CharField(label=_("Claim in Chinese"), widget=forms.Textarea(attrs={"rows": 3}))
    text_en = forms.CharField(
        label=_("Claim in English"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    topics = forms.CharField(
        label=_("Clinical questions it answers"),
        required=False,
        help_text=_("One a line."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_topics(self) -> list[str]:
        return [line.strip() for line in re.split(r"[\n；;]", self.cleaned_data["topics"]) if line.strip()]


class ClaimFilter(FilterForm):
    q = forms.CharField(label=_("Words or number"))
    status = forms.ChoiceField(label=_("State"), choices=any_of(ClaimStatus))
    product = forms.ChoiceField(label=_("Product"), choices=product_code_choices)


class ReferenceFilter(FilterForm):
    q = forms.CharField(label=_("Words, PMID or DOI"))
    kind = forms.ChoiceField(label=_("Kind"), choices=any_of(ReferenceKind))
    standing = forms.ChoiceField(label=_("Notices"), choices=any_of(ReferenceStanding))


class ReferenceForm(forms.Form):
    title = forms.CharField(label=_("Title of the publication"), widget=forms.Textarea(attrs={"rows": 2}))
    kind = forms.ChoiceField(label=_("Kind"), choices=ReferenceKind)
    authors = forms.CharField(label=_("Authors"), required=False, help_text=_("Parted by semicolons."))
    journal = forms.CharField(label=_("Journal"), max_length=300, required=False)
    year = forms.IntegerField(label=_("Year"), min_value=1800, max_value=2100, required=False)
    doi = forms.CharField(label="DOI", max_length=200, required=False)
    pmid = forms.CharField(label="PMID", max_length=12, required=False)
    sample_size = forms.IntegerField(label=_("Sample size (N)"), min_value=1, required=False)
    endpoints = forms.CharField(
        label=_("Endpoints"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    evidence_level = forms.ChoiceField(
        label=_("Level of evidence"), choices=EvidenceLevel, initial=EvidenceLevel.UNRATED
    )
    abstract = forms.CharField(label=_("Abstract"), required=False, widget=forms.Textarea(attrs={"rows": 6}))


class AnchorForm(forms.Form):
    name = forms.CharField(label=_("Place (table, figure, page)"), max_length=120)
    page = forms.IntegerField(label=_("Page"), min_value=1, max_value=9999, required=False)
    quote = forms.CharField(label=_("Words there"), required=False, widget=forms.Textarea(attrs={"rows": 2}))


class UploadForm(forms.Form):
    file = forms.FileField(label=_("File"))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}))
