"""Shapes of field work over REST. What comes in carries only shape; the acts decide."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from activities.choices import (
    AdverseAnswer,
    Channel,
    OperationKind,
    Place,
    Purpose,
    Reaction,
    SafetyKind,
    Seriousness,
)
from activities.models import Cycle, Visit


class VisitSerializer(serializers.ModelSerializer):
    """A visit as its reader may see it; its note is not among the fields."""

    class Meta:
        model = Visit
        fields = (
            "id",
            "rep",
            "doctor",
            "hospital",
            "department",
            "channel",
            "purpose",
            "place",
            "state",
            "in_breach",
            "planned_at",
            "started_at",
            "ended_at",
            "submitted_at",
            "lateness",
            "was_offline",
            "is_clock_unproven",
            "ae_answer",
            "verdict_id",
        )
        read_only_fields = fields


class TalkSerializer(serializers.Serializer):
    product_id = serializers.UUIDField()
    claim_id = serializers.UUIDField(required=False, allow_null=True)
    reaction = serializers.ChoiceField(choices=Reaction.choices, required=False, allow_null=True)


class PageViewSerializer(serializers.Serializer):
    page = serializers.IntegerField(min_value=1, max_value=10_000)
    dwell_ms = serializers.IntegerField(min_value=0, max_value=86_400_000)


class ShownSerializer(serializers.Serializer):
    version_id = serializers.UUIDField()
    shown_at = serializers.DateTimeField()
    showing_id = serializers.UUIDField(required=False, allow_null=True)
    pages = PageViewSerializer(many=True, required=False)


class PromiseSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=500)
    due_on = serializers.DateField()


class SafetyWordsSerializer(serializers.Serializer):
    event = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    product = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    patient = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    reporter = serializers.CharField(required=False, allow_blank=True, max_length=4000)


class SafetySerializer(serializers.Serializer):
    """What was heard of harm. It is kept before the visit and whatever becomes of the visit."""

    words = SafetyWordsSerializer()
    kind = serializers.ChoiceField(choices=SafetyKind.choices, required=False)
    seriousness = serializers.ChoiceField(choices=Seriousness.choices, required=False)


class ReasonsSerializer(serializers.Serializer):
    """The author's reasons for what a rule watches (关注), by rule: {"SG-01": "…"}. What was not breached keeps none."""

    reasons = serializers.DictField(
        child=serializers.CharField(max_length=2000), required=False, help_text="By the rule's id."
    )


class VisitReportSerializer(ReasonsSerializer, serializers.Serializer):
    """A visit that took place. `visit_id` is a UUID of version 7 made by the sender."""

    visit_id = serializers.UUIDField()
    doctor_id = serializers.UUIDField()
    hospital_id = serializers.UUIDField(required=False, allow_null=True)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()
    ae_answer = serializers.ChoiceField(choices=[AdverseAnswer.NONE, AdverseAnswer.REPORTED])
    channel = serializers.ChoiceField(choices=Channel.choices, required=False)
    purpose = serializers.ChoiceField(choices=Purpose.choices, required=False)
    place = serializers.ChoiceField(choices=Place.choices, required=False)
    talks = TalkSerializer(many=True, required=False)
    shown = ShownSerializer(many=True, required=False)
    needs = serializers.ListField(child=serializers.CharField(max_length=300), required=False)
    follow_up = PromiseSerializer(required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    late_reason = serializers.CharField(required=False, allow_blank=True, max_length=200)
    attendee_ids = serializers.ListField(child=serializers.UUIDField(), required=False)
    safety = SafetySerializer(required=False, allow_null=True)


class PlanSerializer(ReasonsSerializer, serializers.Serializer):
    """A visit somebody wants to make."""

    doctor_id = serializers.UUIDField()
    planned_at = serializers.DateTimeField()
    hospital_id = serializers.UUIDField(required=False, allow_null=True)
    channel = serializers.ChoiceField(choices=Channel.choices, required=False)
    purpose = serializers.ChoiceField(choices=Purpose.choices, required=False)
    place = serializers.ChoiceField(choices=Place.choices, required=False)
    product_ids = serializers.ListField(child=serializers.UUIDField(), required=False)
    material_ids = serializers.ListField(child=serializers.UUIDField(), required=False)
    attendee_ids = serializers.ListField(child=serializers.UUIDField(), required=False)


class AmendmentSerializer(serializers.Serializer):
    """A correction of a submitted visit, and why."""

    reason = serializers.CharField(max_length=300)
    note = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    channel = serializers.ChoiceField(choices=Channel.choices, required=False)
    purpose = serializers.ChoiceField(choices=Purpose.choices, required=False)
    place = serializers.ChoiceField(choices=Place.choices, required=False)
    late_reason = serializers.CharField(required=False, allow_blank=True, max_length=200)


class MaterialReasonSerializer(serializers.Serializer):
    """One reason of a material's place: a code, the words it was found in, its points."""

    code = serializers.CharField(read_only=True)
    words = serializers.CharField(read_only=True)
    points = serializers.IntegerField(read_only=True)


class MeantMaterialSerializer(serializers.Serializer):
    version_id = serializers.UUIDField(read_only=True, source="card.version_id")
    code = serializers.CharField(read_only=True, source="card.code")
    title = serializers.CharField(read_only=True, source="card.title_zh")
    version = serializers.IntegerField(read_only=True, source="card.version")
    approval_number = serializers.CharField(read_only=True, source="card.approval_number")
    expires_on = serializers.DateField(read_only=True, source="card.expires_on", allow_null=True)
    pages = serializers.IntegerField(read_only=True, source="card.pages")
    points = serializers.IntegerField(read_only=True)
    reasons = MaterialReasonSerializer(many=True, read_only=True)


class TopicSerializer(serializers.Serializer):
    """What a visit's `talks` may name: a product as a whole, or one of its approved messages."""

    product_id = serializers.UUIDField(read_only=True)
    claim_id = serializers.UUIDField(read_only=True, allow_null=True)
    label = serializers.CharField(read_only=True)


class ShowMaterialSerializer(serializers.Serializer):
    version_id = serializers.UUIDField()
    doctor_id = serializers.UUIDField()
    visit_id = serializers.UUIDField(required=False, allow_null=True)
    channel = serializers.ChoiceField(choices=Channel.choices, required=False)


class ShowingSerializer(serializers.Serializer):
    id = serializers.UUIDField(read_only=True)
    version_id = serializers.UUIDField(read_only=True)
    doctor_id = serializers.UUIDField(read_only=True)
    visit_id = serializers.UUIDField(read_only=True, allow_null=True)
    shown_at = serializers.DateTimeField(read_only=True)
    verdict_id = serializers.UUIDField(read_only=True)


class PagesSerializer(serializers.Serializer):
    pages = PageViewSerializer(many=True)


class OperationSerializer(serializers.Serializer):
    op_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=OperationKind.choices)
    v = serializers.IntegerField(min_value=1)
    made_at = serializers.DateTimeField(required=False)
    payload = serializers.DictField()


class SyncSerializer(serializers.Serializer):
    """A phone's operations, in their order."""

    sent_at = serializers.DateTimeField(required=False)
    operations = OperationSerializer(many=True)


class ReceiptSerializer(serializers.Serializer):
    op_id = serializers.UUIDField()
    status = serializers.CharField()
    receipt = serializers.IntegerField(allow_null=True)
    answer = serializers.DictField()


class ReceiptsSerializer(serializers.Serializer):
    server_at = serializers.DateTimeField()
    answers = ReceiptSerializer(many=True)


class CycleSerializer(serializers.ModelSerializer):
    class Meta:
        model = Cycle
        fields = ("id", "code", "name", "starts_on", "ends_on", "state")
        read_only_fields = fields


class AttainmentSerializer(serializers.Serializer):
    """One goal and what stands against it, in the caller's sight. Rates in basis points."""

    tier = serializers.CharField(source="target.tier")
    channel = serializers.CharField(source="target.channel")
    base = serializers.IntegerField()
    goal_doctors = serializers.IntegerField()
    met = serializers.IntegerField()
    goal_contacts = serializers.IntegerField()
    contacts = serializers.IntegerField()
    coverage_bp = serializers.SerializerMethodField()
    frequency_bp = serializers.SerializerMethodField()

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_coverage_bp(self, line: Any) -> int | None:
        return line.coverage_bp

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_frequency_bp(self, line: Any) -> int | None:
        return line.frequency_bp
