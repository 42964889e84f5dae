"""The shape of what is entered about events."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from activities.actions.events import EventPlan, SessionPlan, SpeakerPlan
from activities.choices import (
    BudgetKind,
    EventKind,
    EventState,
    ExpenseKind,
    FeePayer,
    InviterKind,
    ProofKind,
    SessionKind,
    VenueClass,
)
from pharmacrm.common.listing import FilterForm, any_of

AGENDA_ROWS = 6
SPEAKER_ROWS = 2
STANDS_CHOSEN = ("inviter_kind", "fee_payer")
BUDGET_KINDS = (BudgetKind.MEAL, BudgetKind.TEA, BudgetKind.VENUE, BudgetKind.PRINT)


class MinuteInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class EventForm(forms.Form):
    """One event's plan: need, time, place, agenda, budget."""

    kind = forms.ChoiceField(label=_("Kind of event"), choices=EventKind)
    title = forms.CharField(
        label=_("Title"), max_length=120, help_text=_("No prescription name or trademark in the title.")
    )
    need = forms.CharField(
        label=_("Clinical need it answers"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )
    topic = forms.CharField(label=_("Topic"), max_length=120, required=False)
    hospital = forms.UUIDField(label=_("Hospital"), widget=forms.Select)
    department = forms.UUIDField(label=_("Department"), widget=forms.Select, required=False)
    consent = forms.UUIDField(
        label=_("The hospital's registered consent"), widget=forms.Select, required=False
    )
    venue = forms.CharField(label=_("Room or address"), max_length=120)
    venue_class = forms.ChoiceField(label=_("Kind of venue"), choices=VenueClass)
    starts_at = forms.DateTimeField(label=_("Starts"), widget=MinuteInput)
    ends_at = forms.DateTimeField(label=_("Ends"), widget=MinuteInput)
    products = forms.MultipleChoiceField(
        label=_("Products"), required=False, widget=forms.CheckboxSelectMultiple
    )
    people_planned = forms.IntegerField(label=_("People expected"), min_value=1, max_value=2000)
    meal_yuan_per_head = forms.DecimalField(
        label=_("Meal per head, CNY"), min_value=0, max_value=100_000, decimal_places=2, initial=0
    )
    sponsor_shown = forms.BooleanField(
        label=_("Agenda and banner name the company as sponsor"), required=False
    )
    repeat_reason = forms.CharField(
        label=_("Reason, if the same topic was given here within a year"), max_length=200, required=False
    )

    def __init__(
        self,
        *args: Any,
        hospitals: list[tuple[UUID, str]],
        departments: list[tuple[UUID, str]],
        consents: list[tuple[UUID, str]],
        products: list[tuple[str, str]],
        decks: list[tuple[UUID, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        empty = [("", "—")]
        self.fields["hospital"].widget.choices = empty + hospitals
        self.fields["department"].widget.choices = empty + departments
        self.fields["consent"].widget.choices = empty + consents
        self.fields["products"].choices = products
        for row in range(1, AGENDA_ROWS + 1):
            needed = row == 1
            self.fields[f"agenda_{row}_title"] = forms.CharField(
                label=_("Agenda item %(row)d") % {"row": row}, max_length=120, required=needed
            )
            self.fields[f"agenda_{row}_kind"] = forms.ChoiceField(
                label=_("Kind"), choices=SessionKind, required=needed
            )
            self.fields[f"agenda_{row}_minutes"] = forms.IntegerField(
                label=_("Minutes"), min_value=1, max_value=600, required=needed
            )
            self.fields[f"agenda_{row}_deck"] = forms.UUIDField(
                label=_("Released slides"), required=False, widget=forms.Select(choices=empty + decks)
            )
        for kind in BUDGET_KINDS:
            self.fields[f"budget_{kind}"] = forms.DecimalField(
                label=_("%(kind)s, CNY") % {"kind": kind.label}, min_value=0, decimal_places=2, required=False
            )

    @property
    def agenda(self) -> list[list[forms.BoundField]]:
        """The agenda's fields, a row an item."""
        parts = ("title", "kind", "minutes", "deck")
        return [[self[f"agenda_{row}_{part}"] for part in parts] for row in range(1, AGENDA_ROWS + 1)]

    @property
    def budget(self) -> list[forms.BoundField]:
        return [self[f"budget_{kind}"] for kind in BUDGET_KINDS]

    @property
    def head(self) -> list[forms.BoundField]:
        """The fields that stand alone, in order."""
        return [self[name] for name in self.fields if not name.startswith(("agenda_", "budget_"))]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for row in range(2, AGENDA_ROWS + 1):
            if cleaned.get(f"agenda_{row}_title") and not cleaned.get(f"agenda_{row}_minutes"):
                self.add_error(f"agenda_{row}_minutes", _("Say how many minutes this item takes."))
        return cleaned

    def plan(self, speakers: tuple[SpeakerPlan, ...] = ()) -> EventPlan:
        """Return what was entered as a plan. Units: fen."""
        data = self.cleaned_data
        return EventPlan(
            kind=data["kind"],
            title=data["title"],
            need=data["need"],
            topic=data["topic"],
            hospital_id=data["hospital"],
            department_id=data["department"],
            consent_id=data["consent"],
            venue=data["venue"],
            venue_class=data["venue_class"],
            starts_at=data["starts_at"],
            ends_at=data["ends_at"],
            products=tuple(data["products"]),
            people_planned=data["people_planned"],
            meal_fen_per_head=fen(data["meal_yuan_per_head"]),
            sponsor_shown=data["sponsor_shown"],
            repeat_reason=data["repeat_reason"],
            sessions=tuple(
                SessionPlan(
                    title=data[f"agenda_{row}_title"],
                    kind=data[f"agenda_{row}_kind"] or SessionKind.TALK,
                    minutes=data[f"agenda_{row}_minutes"],
                    material_version_id=data[f"agenda_{row}_deck"],
                )
                for row in range(1, AGENDA_ROWS + 1)
                if data[f"agenda_{row}_title"]
            ),
            budget=tuple(
                (str(kind), fen(data[f"budget_{kind}"])) for kind in BUDGET_KINDS if data[f"budget_{kind}"]
            ),
            speakers=speakers,
        )


class SpeakerForm(forms.Form):
    """Who is to speak: a doctor on file, or a speaker from elsewhere by name, institution and department."""

    doctor = forms.UUIDField(label=_("Doctor on file"), required=False, widget=forms.Select)
    name = forms.CharField(label=_("or name of a speaker from elsewhere"), max_length=40, required=False)
    institution = forms.CharField(label=_("Institution"), max_length=120, required=False)
    department_name = forms.CharField(label=_("Department"), max_length=60, required=False)
    topic = forms.CharField(
        label=_("Topic of the talk"), max_length=120, help_text=_("No product name in the topic.")
    )
    selection_reason = forms.CharField(
        label=_("Why this speaker"), max_length=200, help_text=_("Knowledge of the topic, nothing else.")
    )
    inviter_kind = forms.ChoiceField(
        label=_("Who invites"), choices=InviterKind, initial=InviterKind.HOSPITAL
    )
    fee_yuan = forms.DecimalField(
        label=_("Fee, CNY"), min_value=0, max_value=1_000_000, decimal_places=2, required=False
    )
    fee_payer = forms.ChoiceField(
        label=_("Who pays the fee"), choices=[("", _("no fee")), *FeePayer.choices], required=False
    )
    host_standard_yuan = forms.DecimalField(
        label=_("The host’s own limit, CNY"),
        min_value=0,
        max_value=1_000_000,
        decimal_places=2,
        required=False,
    )
    hospital_approval_number = forms.CharField(
        label=_("Approval of the speaker’s hospital, number"), max_length=60, required=False
    )

    def __init__(self, *args: Any, doctors: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["doctor"].widget.choices = [("", "—"), *doctors]

    def has_changed(self) -> bool:
        """A row names a speaker once anything is written in it; what only stands chosen by itself counts for nothing."""
        return any(self.data.get(self.add_prefix(name)) for name in self.fields if name not in STANDS_CHOSEN)

    def plan(self) -> SpeakerPlan:
        """Return what was entered as a speaker. Units: fen."""
        data = self.cleaned_data
        return SpeakerPlan(
            topic=data["topic"],
            doctor_id=data["doctor"],
            name=data["name"],
            institution="" if data["doctor"] else data["institution"],
            department_name="" if data["doctor"] else data["department_name"],
            inviter_kind=data["inviter_kind"],
            fee_payer=data["fee_payer"],
            fee_fen=fen(data["fee_yuan"]),
            host_standard_fen=fen(data["host_standard_yuan"]),
            hospital_approval_number=data["hospital_approval_number"],
            selection_reason=data["selection_reason"],
        )


class EventFilter(FilterForm):
    state = forms.ChoiceField(label=_("State"), choices=any_of(EventState))
    kind = forms.ChoiceField(label=_("Kind"), choices=any_of(EventKind))
    title = forms.CharField(label=_("Title"), max_length=60)


PROOF_BYTES = 20 * 1024 * 1024
PROOF_TYPES = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def proof_media_type(upload: Any) -> str:
    """Return what a proof's first bytes say it is; empty for what is no proof."""
    head = upload.read(8)
    upload.seek(0)
    return next((kind for magic, kind in PROOF_TYPES.items() if head.startswith(magic)), "")


class ProofForm(forms.Form):
    kind = forms.ChoiceField(label=_("What it proves"), choices=ProofKind)
    file = forms.FileField(label=_("File"), help_text=_("PDF, JPEG or PNG, up to 20 MB"))


class ExpenseForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind of cost"), choices=ExpenseKind)
    cost_yuan = forms.DecimalField(label=_("Amount, CNY"), min_value=Decimal("0.01"), decimal_places=2)
    people_present = forms.IntegerField(label=_("People present"), min_value=0, max_value=2000)
    spent_on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    payee = forms.CharField(label=_("Paid to"), max_length=120)
    receipt_number = forms.CharField(label=_("Receipt number"), max_length=40)
    purpose = forms.CharField(label=_("Purpose"), max_length=200)


class CloseForm(forms.Form):
    summary = forms.CharField(
        label=_("Summary"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What was discussed, and what follows."),
    )
    safety_answered = forms.BooleanField(
        label=_("The adverse-event question was asked, and what was heard was reported"), required=False
    )


class ChoiceForm(forms.Form):
    """What somebody outside sales says to the choice of a speaker."""

    comment = forms.CharField(
        label=_("What speaks for or against this choice"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class DoorForm(forms.Form):
    """The sign-in page at the place."""

    name = forms.CharField(label=_("Your name"), max_length=40)
    phone_tail = forms.RegexField(
        r"^\d{4}$",
        label=_("Last four digits of your mobile number"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": _("Enter four digits.")},
    )


def fen(yuan: Decimal | None) -> int:
    """Return whole fen."""
    return int((yuan or Decimal(0)) * 100)
