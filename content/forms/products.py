"""Products and labels as typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from content.choices import ControlledClass, LabelSectionKind, LifeCycleStage


class ProductForm(forms.Form):
    code = forms.CharField(label=_("Product code"), max_length=32)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    generic_name = forms.CharField(label=_("Generic name"), max_length=160)
    brand = forms.CharField(label=_("Brand name"), max_length=120, required=False)
    approval_number = forms.CharField(label=_("Approval number (国药准字)"), max_length=40, required=False)
    holder = forms.CharField(label=_("Marketing authorisation holder"), max_length=160)
    holder_address = forms.CharField(label=_("Holder's address"), max_length=240, required=False)
    is_prescription = forms.BooleanField(label=_("Prescription medicine"), required=False, initial=True)
    controlled_class = forms.ChoiceField(label=_("Controlled class"), choices=ControlledClass)
    stage = forms.ChoiceField(label=_("Life-cycle stage"), choices=LifeCycleStage, initial="launch")
    registration_ended_on = forms.DateField(
        label=_("Registration certificate ended on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class LabelForm(forms.Form):
    """A label version: its revision day and one box a section."""

    revised_on = forms.DateField(label=_("Revised on"), widget=forms.DateInput(attrs={"type": "date"}))
    source_note = forms.CharField(label=_("Where the text comes from"), max_length=240, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in LabelSectionKind:
            self.fields[kind.value] = forms.CharField(
                label=kind.label, required=False, widget=forms.Textarea(attrs={"rows": 4})
            )

    def sections(self) -> dict[str, str]:
        return {kind: self.cleaned_data.get(kind, "") for kind in LabelSectionKind.values}
