"""Materials and their review as typed."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from content.choices import (
    AnnotationKind,
    AudienceHospitalLevel,
    AudienceRole,
    AudienceTier,
    Channel,
    MaterialKind,
    MaterialStatus,
    Purpose,
    SeatDecision,
)
from pharmacrm.common.forms import SearchedChoices
from pharmacrm.common.listing import FilterForm, any_of
from pharmacrm.common.offers import offered

from .claims import product_choices, product_code_choices

DEPARTMENTS = "departments"  # pharmacrm.common.offers


class LibraryFilter(FilterForm):
    q = forms.CharField(label=_("Title or number"))
    status = forms.ChoiceField(label=_("State"), choices=any_of(MaterialStatus))
    kind = forms.ChoiceField(label=_("Kind"), choices=any_of(MaterialKind))
    product = forms.ChoiceField(label=_("Product"), choices=product_code_choices)
    expires = forms.ChoiceField(
        label=_("Expiry"),
        choices=[("", _("all")), ("soon", _("within 60 days")), ("past", _("passed"))],
    )


class MaterialForm(forms.Form):
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=200)
    title_en = forms.CharField(label=_("Title in English"), max_length=200, required=False)
    code = forms.CharField(
        label=_("Number"), max_length=32, required=False, help_text=_("Empty: the next number is given.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=MaterialKind)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose)
    product_ids = forms.MultipleChoiceField(
        label=_("Products"), choices=product_choices, widget=forms.CheckboxSelectMultiple
    )
    tiers = forms.MultipleChoiceField(
        label=_("Tiers"),
        choices=AudienceTier,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: open to all."),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=AudienceRole, required=False, widget=forms.CheckboxSelectMultiple
    )
    departments = forms.MultipleChoiceField(
        label=_("Departments"),
        required=False,
        widget=SearchedChoices,
        help_text=_("From the standard list of clinical departments. None chosen: open to all."),
    )
    hospital_levels = forms.MultipleChoiceField(
        label=_("Hospital levels"),
        choices=AudienceHospitalLevel,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    channels = forms.MultipleChoiceField(
        label=_("Channels"), choices=Channel, required=False, widget=forms.CheckboxSelectMultiple
    )
    topics = forms.CharField(
        label=_("Clinical questions it answers"),
        required=False,
        help_text=_("One a line."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standard = offered(DEPARTMENTS)
        kept = [
            name for name in self.initial.get("departments", ()) if name not in {one.name for one in standard}
        ]
        field = self.fields["departments"]
        field.widget.words = {one.name: " ".join(one.words) for one in standard}
        field.choices = [
            *((name, _("%(name)s (not on the standard list)") % {"name": name}) for name in kept),
            *((one.name, one.name) for one in standard),
        ]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        said["topics"] = [
            word.strip() for word in re.split(r"[,，、\n；;]", said.get("topics", "")) if word.strip()
        ]
        return said


class AnnotationForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind of remark"), choices=AnnotationKind)
    text = forms.CharField(label=_("Remark"), widget=forms.Textarea(attrs={"rows": 3}))
    page = forms.IntegerField(label=_("Page"), min_value=1, widget=forms.HiddenInput)
    quote = forms.CharField(
        label=_("Words it is about"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    region = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_region(self) -> tuple[float, ...] | None:
        said = self.cleaned_data["region"]
        if not said:
            return None
        try:
            sides = tuple(float(part) for part in said.split(","))
        except ValueError as error:
            raise forms.ValidationError(_("The region cannot be read.")) from error
        if len(sides) != 4:
            raise forms.ValidationError(_("The region cannot be read."))
        return sides


class AnswerForm(forms.Form):
    text = forms.CharField(label=_("Answer"), widget=forms.Textarea(attrs={"rows": 2}))


class DecisionForm(forms.Form):
    """A signed decision: its reason, and what the signer enters again. Source: 21 CFR 11.200."""

    role = forms.CharField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(choices=SeatDecision, widget=forms.HiddenInput)
    file_sha256 = forms.CharField(min_length=64, max_length=64, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    password = forms.CharField(
        label=_("Enter your password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=_("One-time code"),
        required=False,
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class ReleaseForm(forms.Form):
    expires_on = forms.DateField(
        label=_("Last day (first day on which it may not be shown)"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    ad_approval_number = forms.CharField(
        label=_("Advertising approval number, for advertisements"), max_length=60, required=False
    )
