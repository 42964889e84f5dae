"""Shape of what the pages of consents and notices send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doctors import selectors
from doctors.choices import Channel, ConsentState
from pharmacrm.common.listing import FilterForm


class CellForm(FilterForm):
    """Which cell of the table is open."""

    product = forms.CharField(label=_("Product code"), max_length=40)
    channel = forms.ChoiceField(choices=[("", ""), *Channel.choices], widget=forms.HiddenInput)
    purpose = forms.CharField(max_length=40, widget=forms.HiddenInput)
    open = forms.CharField(max_length=1, widget=forms.HiddenInput)


class AnswerForm(forms.Form):
    """What the doctor answered for a cell."""

    channel = forms.ChoiceField(
        choices=[("", ""), *Channel.choices], required=False, widget=forms.HiddenInput
    )
    purpose = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    product = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    state = forms.ChoiceField(
        label=_("What did the doctor answer?"), choices=[("", "—"), *ConsentState.choices]
    )
    obtained_by = forms.ChoiceField(
        label=_("How did the doctor say so?"), choices=[("", "—"), *Channel.choices], required=False
    )
    unasked = forms.BooleanField(label=_("The doctor brought it up; nobody asked."), required=False)
    last_day = forms.DateField(
        label=_("Last day of the consent, if any"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    proof = forms.FileField(label=_("Proof (PDF or picture)"), required=False)


class NoticeWordsForm(forms.Form):
    """The words of a drafted notice."""

    text_zh = forms.CharField(
        label=_("Words in Chinese"), widget=forms.Textarea(attrs={"rows": 8, "lang": "zh-Hans"})
    )
    text_en = forms.CharField(
        label=_("Words in English"), widget=forms.Textarea(attrs={"rows": 8, "lang": "en"})
    )
    valid_from = forms.DateField(
        label=_("Valid from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    is_material = forms.BooleanField(
        label=_("Purpose, method or kinds of data change: every doctor is asked anew."), required=False
    )
    what_changed = forms.CharField(
        label=_("What changes against the version before?"), max_length=300, required=False
    )


class NoticeForm(NoticeWordsForm):
    """A draft of a notice's next version."""

    purpose = forms.ChoiceField(label=_("Purpose"))
    field_order = ("purpose",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = [  # type: ignore[attr-defined]
            (purpose.code, selectors.name_of(purpose)) for purpose in selectors.purposes()
        ]


class NoticeAnswerForm(forms.Form):
    """What a second person says to a draft they do not publish."""

    comment = forms.CharField(
        label=_("What has to change, or why not"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
