"""Shape of one line of the communication strategy."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doctors.choices import Channel, ContentKind, StakeholderKind, Tier
from doctors.selectors.playbooks import BAND_LABELS, department_names

ANY = ("", _("any"))


class PlaybookForm(forms.Form):
    """Goals, content, channels and academic contacts a cycle; whom it is for is said once and stands."""

    goal_zh = forms.CharField(label=_("Goal (Chinese)"), max_length=300)
    goal_en = forms.CharField(label=_("Goal (English)"), max_length=300)
    content_kinds = forms.MultipleChoiceField(
        label=_("Content"), choices=ContentKind.choices, widget=forms.CheckboxSelectMultiple
    )
    channels = forms.MultipleChoiceField(
        label=_("Channels"), choices=Channel.choices, widget=forms.CheckboxSelectMultiple
    )
    visits_per_cycle = forms.IntegerField(label=_("Visits per cycle"), min_value=0, max_value=31)
    contacts_per_cycle = forms.IntegerField(label=_("All contacts per cycle"), min_value=0, max_value=62)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            if isinstance(field.widget, forms.Select) and not isinstance(
                field.widget, forms.CheckboxSelectMultiple
            ):
                field.widget.attrs["class"] = "form-select"
            elif isinstance(field.widget, forms.TextInput | forms.NumberInput):
                field.widget.attrs["class"] = "form-control"


class ChangePlaybookForm(PlaybookForm):
    """A line as it will be, and why it changes."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class NewPlaybookForm(PlaybookForm):
    """A new line: also whom it is for."""

    tier = forms.ChoiceField(label=_("Tier"), choices=Tier.choices)
    role = forms.ChoiceField(label=_("Role"), choices=[ANY, *StakeholderKind.choices], required=False)
    level_band = forms.ChoiceField(label=_("Hospital level"), choices=[ANY, *BAND_LABELS], required=False)
    department_code = forms.ChoiceField(label=_("Department"), required=False)

    field_order = ("tier", "role", "level_band", "department_code")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known = self.fields["department_code"]
        assert isinstance(known, forms.ChoiceField)  # noqa: S101 - declared above
        known.choices = [ANY, *department_names().items()]
