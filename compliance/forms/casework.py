"""Shapes of what a case team enters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.choices import (
    Authority,
    CaseRisk,
    Concern,
    Conclusion,
    Grade,
    LetterAudience,
    MeasureKind,
    MeasureState,
)

DAY = forms.DateInput(attrs={"type": "date"})
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def words(label: Any, *, rows: int = 3, most: int = 8000, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), max_length=most, **more)


def people() -> Any:
    return (
        get_user_model()
        .objects.filter(is_active=True)
        .exclude(groups__name="service")
        .order_by("display_name", "pk")
    )


class PersonField(forms.ModelChoiceField):
    def __init__(self, label: Any) -> None:
        super().__init__(label=label, queryset=get_user_model().objects.none())


class PeopleForm(forms.Form):
    """A form whose choices of persons are read when it is made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = people()


class TriageForm(forms.Form):
    risk = forms.ChoiceField(label=_("Risk"), choices=CaseRisk.choices)
    words = words(_("What you judged it by, and what happens next"))
    due_at = forms.DateTimeField(label=_("Due"), required=False, widget=MOMENT)
    about = forms.CharField(
        label=_("What it turned out to be about"),
        required=False,
        max_length=80,
        help_text=_("Written as kind:key, when it is another record than now."),
    )


class PlanForm(forms.Form):
    words = words(_("Investigation plan: questions, people, papers, dates"), rows=5)


class MemberForm(PeopleForm):
    person = PersonField(_("Person"))


class FoundForm(forms.Form):
    words = words(_("What was found"))
    grade = forms.ChoiceField(label=_("Grade"), choices=Grade.choices)
    rule = forms.CharField(label=_("Rule, if one is touched"), max_length=40, required=False)


class ConcludeForm(forms.Form):
    finding_id = forms.UUIDField(label=_("Finding"), widget=forms.HiddenInput)
    conclusion = forms.ChoiceField(label=_("Conclusion"), choices=Conclusion.choices)
    words = words(_("What it rests on"), rows=2, required=False)


class EvidenceForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    words = words(_("Statement or remark"), rows=2, required=False)
    file = forms.FileField(label=_("File"), required=False)
    entry_id = forms.UUIDField(
        label=_("Number of a ledger entry"),
        required=False,
        help_text=_("Its receipt is kept: it proves the act without this server."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not any(given.get(name) for name in ("words", "file", "entry_id")) and not self.errors:
            raise forms.ValidationError(_("Give a file, a ledger entry or a statement."))
        if given.get("file") and not given.get("title"):
            given["title"] = given["file"].name
        return given


class MeasureForm(PeopleForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=MeasureKind.choices)
    text = words(_("What has to be done"), rows=2)
    owner = PersonField(_("Who does it"))
    due_on = forms.DateField(label=pgettext_lazy("deadline", "By"), widget=DAY)


class CheckMeasureForm(forms.Form):
    measure_id = forms.UUIDField(label=_("What has to be done"), widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        label=_("Verdict"),
        choices=[
            (MeasureState.VERIFIED, _("It works: verified")),
            (MeasureState.OPEN, _("Not enough: back to the owner")),
            (MeasureState.DROPPED, _("Drop it")),
        ],
    )
    words = words(_("What you checked"), rows=2)


class DoneForm(forms.Form):
    words = words(_("What was done, and where it can be seen"), rows=2)


class DecideReportForm(forms.Form):
    authority = forms.ChoiceField(label=_("Authority"), choices=Authority.choices)
    office = forms.CharField(label=_("Office"), max_length=80, required=False)
    basis = forms.CharField(label=_("Clause or reason"), max_length=200)
    due_at = forms.DateTimeField(label=_("Due"), required=False, widget=MOMENT)


class MakeReportForm(forms.Form):
    report_id = forms.UUIDField(widget=forms.HiddenInput)
    reported_at = forms.DateTimeField(label=_("Reported at"), widget=MOMENT)
    reference = forms.CharField(label=_("Number given, or who took it"), max_length=80)


class LetterForm(forms.Form):
    audience = forms.ChoiceField(label=_("For"), choices=LetterAudience.choices)
    title = forms.CharField(label=_("Title"), max_length=200)
    body = words(_("Text"), rows=8, most=20_000)


class AskLetterForm(forms.Form):
    approvers = forms.ModelMultipleChoiceField(
        label=_("Who has to agree"), queryset=None, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, by: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = people().filter(groups__name__in=["compliance", "medical", "regulatory"])
        field = self.fields["approvers"]
        field.queryset = able.exclude(pk=by.pk).distinct() if by else able.distinct()  # type: ignore[attr-defined]


class SendLetterForm(forms.Form):
    how = forms.CharField(label=_("How and to whom it was sent"), max_length=120)


class ReplyForm(forms.Form):
    words = words(_("Answer to whoever reported"))


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, none too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=ManyFiles(), required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, (list, tuple)) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given if one]


class ConcernForm(forms.Form):
    concern = forms.ChoiceField(label=_("What is it about?"), choices=Concern.choices)
    words = words(
        _("What happened? When, where, who?"),
        rows=8,
        most=20_000,
        help_text=_("Write what you saw or heard yourself. Leave out patients' names."),
    )
    files = FilesField(label=_("Files (at most 5, 20 MB each)"))
    contact = forms.CharField(
        label=_("How can we reach you? (not required)"),
        required=False,
        max_length=200,
        help_text=_("Left empty, nobody here can find out who you are."),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Receipt code"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class WriteAgainForm(CodeForm):
    words = words(_("What do you want to add?"), rows=5, most=20_000)
    files = FilesField(label=_("Files (at most 5, 20 MB each)"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget = forms.HiddenInput()
