"""Shapes of what the phone's pages send without JavaScript."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.actions import (
    Promise,
    SafetyNotice,
    SafetyWords,
    Shown,
    Talk,
    VisitPlan,
    VisitReport,
    new_key,
)
from activities.choices import (
    AdverseAnswer,
    Channel,
    Place,
    Purpose,
    Reaction,
    SafetyKind,
    Seriousness,
)


class LogVisitForm(forms.Form):
    """A visit that took place. Place, time and topics come filled in; two answers are asked for."""

    visit_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    started = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ended = forms.TimeField(label=_("To"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose)
    place = forms.ChoiceField(label=_("Place"), choices=Place)
    topics = forms.MultipleChoiceField(
        label=_("What was talked about"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one topic.")},
    )
    shown = forms.MultipleChoiceField(
        label=_("Materials shown"), widget=forms.CheckboxSelectMultiple, required=False
    )
    reaction = forms.ChoiceField(
        label=_("How it was received"), choices=[("", _("not noted")), *Reaction.choices], required=False
    )
    need = forms.CharField(label=_("Clinical need"), max_length=300, required=False)
    follow_up = forms.CharField(label=_("Promised"), max_length=300, required=False)
    follow_up_on = forms.DateField(
        label=pgettext_lazy("deadline", "By"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    ae_answer = forms.ChoiceField(
        label=_("Any adverse event, misuse or quality complaint?"),
        choices=[
            (AdverseAnswer.NONE, pgettext_lazy("adverse event", "None")),
            (AdverseAnswer.REPORTED, _("Yes, report it")),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Answer the question on adverse events, misuse and quality complaints.")
        },
    )
    ae_event = forms.CharField(
        label=_("What happened"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    ae_patient = forms.CharField(label=_("Patient: age, sex or initials"), max_length=80, required=False)
    note = forms.CharField(
        label=_("Remarks"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(
            attrs={"rows": 2, "placeholder": _("No patient names, no quantities of medicine")}
        ),
    )
    late_reason = forms.CharField(label=_("Why so late"), max_length=200, required=False)

    def __init__(
        self, *args: Any, topics: list[tuple[str, str]], shown: list[tuple[str, str]], **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.fields["topics"].choices = topics
        self.fields["shown"].choices = shown

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("started") and cleaned.get("ended") and cleaned["ended"] < cleaned["started"]:
            self.add_error("ended", _("The visit cannot end before it begins."))
        return cleaned

    def report(self, doctor_id: UUID, *, showings: dict[str, Any], at: datetime) -> VisitReport:
        """Return what the form says as a report."""
        said = self.cleaned_data
        talks = []
        for topic in said["topics"]:
            product, _bar, claim = topic.partition("|")
            talks.append(Talk(UUID(product), UUID(claim) if claim else None, said["reaction"]))
        shown = [showings[key] for key in said["shown"] if key in showings]
        started = _moment(said["day"], said["started"])
        return VisitReport(
            visit_id=said["visit_id"] or new_key(),
            doctor_id=doctor_id,
            started_at=started,
            ended_at=max(started, _moment(said["day"], said["ended"])),
            ae_answer=said["ae_answer"],
            channel=said["channel"],
            purpose=said["purpose"],
            place=said["place"],
            device_saved_at=at,
            talks=tuple(talks),
            shown=tuple(Shown(row.version_id, row.shown_at, showing_id=row.pk) for row in shown),
            needs=(said["need"],) if said["need"] else (),
            follow_up=(
                Promise(
                    said["follow_up"],
                    said["follow_up_on"] or (timezone.localtime(at).date() + timedelta(days=7)),
                )
                if said["follow_up"]
                else None
            ),
            note=said["note"],
            late_reason=said["late_reason"],
        )

    def safety_notice(self, doctor_id: UUID, visit_id: UUID, *, at: datetime) -> SafetyNotice:
        """Return what the form says of harm, for the vault."""
        said = self.cleaned_data
        talked = next(iter(said.get("topics") or []), "")
        return SafetyNotice(
            words=SafetyWords(event=said["ae_event"], patient=said["ae_patient"]),
            aware_at=min(_moment(said["day"], said["ended"]), at),
            doctor_id=doctor_id,
            product_id=UUID(talked.partition("|")[0]) if talked else None,
            visit_id=visit_id,
        )


class VersionsField(forms.MultipleChoiceField):
    """Versions of materials. Any key is a shape; whether it may be shown is the law's to say."""

    def valid_value(self, value: object) -> bool:
        try:
            UUID(str(value))
        except ValueError:
            return False
        return True


class PlanVisitForm(forms.Form):
    """A visit to plan."""

    planned_at = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose)
    place = forms.ChoiceField(label=_("Place"), choices=Place)
    products = forms.MultipleChoiceField(
        label=_("Products"), required=False, widget=forms.CheckboxSelectMultiple
    )

    materials = VersionsField(
        label=_("Materials to show"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, products: list[tuple[str, str]], materials: list[tuple[str, str]], **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.fields["products"].choices = products
        self.fields["materials"].choices = materials

    def plan(self, doctor_id: UUID) -> VisitPlan:
        """Return what the form says as a plan."""
        said = self.cleaned_data
        return VisitPlan(
            doctor_id=doctor_id,
            planned_at=said["planned_at"],
            channel=said["channel"],
            purpose=said["purpose"],
            place=said["place"],
            product_ids=tuple(UUID(key) for key in said["products"]),
            material_ids=tuple(UUID(key) for key in said["materials"]),
        )


class SafetyForm(forms.Form):
    """A suspected adverse event, as heard. Nothing is required: what is missing can be added."""

    op_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    event = forms.CharField(
        label=_("What happened"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=SafetyKind, required=False)
    seriousness = forms.ChoiceField(label=_("Seriousness"), choices=Seriousness, required=False)
    product = forms.CharField(label=_("Which medicine"), max_length=120, required=False)
    patient = forms.CharField(
        label=_("Patient: age, sex or initials"),
        max_length=80,
        required=False,
        help_text=_("Never a name."),
    )
    reporter = forms.CharField(label=_("Who told it"), max_length=120, required=False)
    doctor_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def words(self) -> SafetyWords:
        """Return the words for the vault."""
        said = self.cleaned_data
        return SafetyWords(
            event=said["event"], product=said["product"], patient=said["patient"], reporter=said["reporter"]
        )

    def notice(self, *, at: datetime) -> SafetyNotice:
        """Return what the form says as a notice."""
        said = self.cleaned_data
        return SafetyNotice(
            words=self.words(),
            aware_at=at,
            kind=said["kind"] or SafetyKind.ADVERSE_EVENT,
            seriousness=said["seriousness"] or Seriousness.UNKNOWN,
            doctor_id=said["doctor_id"],
            op_id=said["op_id"],
        )


class QuestionForm(forms.Form):
    """A doctor's own question for medical."""

    text = forms.CharField(
        label=_("The doctor's question, in the doctor's words"),
        max_length=2000,
        widget=forms.Textarea(
            attrs={"rows": 3, "placeholder": _("No patient names, no quantities of medicine")}
        ),
    )
    is_unsolicited = forms.BooleanField(
        label=_("The doctor asked without being prompted"), required=False, initial=True
    )


class NeedForm(forms.Form):
    """A clinical need, as heard."""

    question = forms.CharField(
        label=_("Clinical question"),
        max_length=300,
        widget=forms.Textarea(
            attrs={"rows": 3, "placeholder": _("No patient names, no quantities of medicine")}
        ),
    )


def _moment(day, clock: time) -> datetime:
    return datetime.combine(day, clock, timezone.get_default_timezone())
