"""Shapes of academic events over REST. Money is whole fen."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from activities.actions.events import EventPlan, SessionPlan, SpeakerPlan
from activities.choices import (
    AttendanceMethod,
    BudgetKind,
    EventKind,
    EventState,
    ExpenseKind,
    FeePayer,
    InvitationState,
    InviterKind,
    ProofKind,
    SessionKind,
    SpeakerState,
    VenueClass,
)
from activities.models import Event
from activities.selectors import events as reads
from doctors.choices import Channel as ContactChannel

Shape = serializers.Serializer[Any]


class EventSerializer(Shape):
    id = serializers.UUIDField()
    code = serializers.CharField()
    kind = serializers.ChoiceField(choices=EventKind.choices)
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=EventState.choices)
    organiser = serializers.UUIDField(source="organiser_id")
    territory = serializers.UUIDField(source="territory_id", allow_null=True)
    hospital = serializers.UUIDField(source="hospital_id", allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    people_planned = serializers.IntegerField()


class SessionSerializer(Shape):
    place = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=SessionKind.choices)
    title = serializers.CharField()
    minutes = serializers.IntegerField()
    material_version = serializers.UUIDField(source="material_version_id", allow_null=True)


class BudgetSerializer(Shape):
    kind = serializers.ChoiceField(choices=BudgetKind.choices)
    estimate_fen = serializers.IntegerField()


class SpeakerSerializer(Shape):
    id = serializers.UUIDField()
    doctor = serializers.UUIDField(source="doctor_id")
    state = serializers.ChoiceField(choices=SpeakerState.choices)
    topic = serializers.CharField()
    inviter_kind = serializers.ChoiceField(choices=InviterKind.choices)
    fee_payer = serializers.CharField()
    fee_fen = serializers.IntegerField()
    verified_by = serializers.UUIDField(source="selection_verified_by_id", allow_null=True)
    invited_at = serializers.DateTimeField(allow_null=True)


class InvitationSerializer(Shape):
    doctor = serializers.UUIDField(source="doctor_id")
    state = serializers.ChoiceField(choices=InvitationState.choices)
    channel = serializers.ChoiceField(
        choices=ContactChannel.choices,
        allow_blank=True,
        help_text="The channel the doctor prefers among those with consent; empty: in person",
    )


class AttendanceSerializer(Shape):
    doctor = serializers.UUIDField(source="doctor_id")
    method = serializers.ChoiceField(choices=AttendanceMethod.choices)
    signed_at = serializers.DateTimeField()


class ProofSerializer(Shape):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ProofKind.choices)
    name = serializers.CharField()
    sha256 = serializers.CharField(source="file.sha256")
    added_at = serializers.DateTimeField()


class CostSerializer(Shape):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ExpenseKind.choices)
    cost_fen = serializers.IntegerField()
    people_present = serializers.IntegerField()
    spent_on = serializers.DateField()
    payee = serializers.CharField()
    receipt_number = serializers.CharField()


class EventDetailSerializer(EventSerializer):
    """An event with all its parts. `missing` names the proofs without which it cannot be closed."""

    need = serializers.CharField()
    topic = serializers.CharField()
    department = serializers.UUIDField(source="department_id", allow_null=True)
    consent = serializers.UUIDField(source="consent_id", allow_null=True)
    venue = serializers.CharField()
    venue_class = serializers.ChoiceField(choices=VenueClass.choices)
    products = serializers.ListField(child=serializers.CharField())
    meal_fen_per_head = serializers.IntegerField()
    sponsor_shown = serializers.BooleanField()
    repeat_reason = serializers.CharField()
    requested_at = serializers.DateTimeField(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    executed_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    cancel_reason = serializers.CharField()
    summary = serializers.CharField()
    safety_answered = serializers.BooleanField()
    sessions = serializers.SerializerMethodField()
    budget = BudgetSerializer(many=True, source="budget_lines")
    speakers = SpeakerSerializer(many=True)
    invitations = InvitationSerializer(many=True)
    attendances = AttendanceSerializer(many=True)
    proofs = serializers.SerializerMethodField()
    expenses = CostSerializer(many=True)
    missing = serializers.SerializerMethodField()

    @extend_schema_field(SessionSerializer(many=True))
    def get_sessions(self, event: Event) -> Any:
        return SessionSerializer(event.sessions.order_by("place"), many=True).data

    @extend_schema_field(ProofSerializer(many=True))
    def get_proofs(self, event: Event) -> Any:
        return ProofSerializer(event.proofs.select_related("file").order_by("added_at"), many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_missing(self, event: Event) -> list[str]:
        return [str(one) for one in reads.missing_of(event)]


class SessionPlanSerializer(Shape):
    title = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=SessionKind.choices, default=SessionKind.TALK)
    minutes = serializers.IntegerField(min_value=1, max_value=600)
    material_version_id = serializers.UUIDField(required=False, allow_null=True)


class BudgetPlanSerializer(Shape):
    kind = serializers.ChoiceField(choices=BudgetKind.choices)
    estimate_fen = serializers.IntegerField(min_value=0, max_value=10**12)


class SpeakerPlanSerializer(Shape):
    """A doctor on file, or a speaker from elsewhere by name, institution and department."""

    doctor_id = serializers.UUIDField(required=False, allow_null=True)
    name = serializers.CharField(max_length=40, required=False, allow_blank=True)
    institution = serializers.CharField(max_length=120, required=False, allow_blank=True)
    department_name = serializers.CharField(max_length=60, required=False, allow_blank=True)
    topic = serializers.CharField(max_length=120)
    selection_reason = serializers.CharField(max_length=200)
    inviter_kind = serializers.ChoiceField(choices=InviterKind.choices, default=InviterKind.HOSPITAL)
    fee_fen = serializers.IntegerField(min_value=0, max_value=100_000_000, required=False)
    fee_payer = serializers.ChoiceField(choices=FeePayer.choices, required=False)
    host_standard_fen = serializers.IntegerField(min_value=0, max_value=100_000_000, required=False)
    hospital_approval_number = serializers.CharField(max_length=60, required=False, allow_blank=True)


class EventPlanSerializer(Shape):
    kind = serializers.ChoiceField(choices=EventKind.choices)
    title = serializers.CharField(max_length=120, help_text="No prescription name or trademark.")
    need = serializers.CharField(max_length=2000)
    topic = serializers.CharField(max_length=120, required=False, allow_blank=True)
    hospital_id = serializers.UUIDField()
    department_id = serializers.UUIDField(required=False, allow_null=True)
    consent_id = serializers.UUIDField(required=False, allow_null=True)
    venue = serializers.CharField(max_length=120)
    venue_class = serializers.ChoiceField(choices=VenueClass.choices)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    products = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, help_text="Codes."
    )
    people_planned = serializers.IntegerField(min_value=1, max_value=2000)
    meal_fen_per_head = serializers.IntegerField(min_value=0, max_value=10_000_000, required=False)
    sponsor_shown = serializers.BooleanField(required=False)
    repeat_reason = serializers.CharField(max_length=200, required=False, allow_blank=True)
    sessions = SessionPlanSerializer(many=True, allow_empty=False)
    budget = BudgetPlanSerializer(many=True, required=False)
    speakers = SpeakerPlanSerializer(many=True, required=False)


class CancelSerializer(Shape):
    reason = serializers.CharField(max_length=200)


class InviteSerializer(Shape):
    doctor_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=400)


class SignInSerializer(Shape):
    doctor_id = serializers.UUIDField()


class ProofUploadSerializer(Shape):
    kind = serializers.ChoiceField(choices=ProofKind.choices)
    file = serializers.FileField()


class ExpenseSerializer(Shape):
    kind = serializers.ChoiceField(choices=ExpenseKind.choices)
    cost_fen = serializers.IntegerField(min_value=1, max_value=10**12)
    people_present = serializers.IntegerField(min_value=0, max_value=2000)
    spent_on = serializers.DateField()
    payee = serializers.CharField(max_length=120)
    receipt_number = serializers.CharField(max_length=40)
    purpose = serializers.CharField(max_length=200)


class CloseSerializer(Shape):
    summary = serializers.CharField(max_length=4000)
    safety_answered = serializers.BooleanField(
        default=False, help_text="The adverse-event question was asked, and what was heard was reported."
    )


class EventQuery(Shape):
    state = serializers.ChoiceField(choices=EventState.choices, required=False)
    kind = serializers.ChoiceField(choices=EventKind.choices, required=False)
    title = serializers.CharField(max_length=60, required=False)


def plan_of(said: dict[str, Any]) -> EventPlan:
    """Return what was sent as the plan that the action takes."""
    given = dict(said)
    return EventPlan(
        sessions=tuple(SessionPlan(**dict(one)) for one in given.pop("sessions")),
        budget=tuple((one["kind"], one["estimate_fen"]) for one in given.pop("budget", ())),
        speakers=tuple(speaker_of(dict(one)) for one in given.pop("speakers", ())),
        products=tuple(given.pop("products", ())),
        **given,
    )


def speaker_of(said: dict[str, Any]) -> SpeakerPlan:
    """Return a speaker as the action takes one; a doctor on file brings their own place."""
    elsewhere = {"institution": "", "department_name": ""} if said.get("doctor_id") else {}
    return SpeakerPlan(**{**said, **elsewhere})
