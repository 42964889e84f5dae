"""Shapes of the kernel's records over REST. What people wrote in a case stays sealed: it is not among the fields."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from compliance.choices import (
    CaseRisk,
    CaseSource,
    CaseState,
    Concern,
    FindingState,
    Grade,
    SigningMethod,
    WaiverState,
)
from compliance.models import Case, Finding, Hold, Waiver
from pharmacrm.common.api import StampSerializer


class CaseSerializer(serializers.ModelSerializer[Case]):
    """A case as its list shows it. A hotline report's subject is its receipt's hash, and is left out."""

    subject = serializers.SerializerMethodField()

    class Meta:
        model = Case
        fields = (
            "id", "number", "source", "kind", "risk", "state", "subject", "title", "owner", "opened_at", "due_at",
            "triaged_at", "closed_at",
        )  # fmt: skip

    def get_subject(self, case: Case) -> str:
        return "" if case.source == CaseSource.HOTLINE else case.subject


class FindingSerializer(serializers.ModelSerializer[Finding]):
    """A finding with its rule, grade and evidence."""

    class Meta:
        model = Finding
        fields = (
            "id", "kind", "subject", "rule", "grade", "evidence", "state", "conclusion", "case", "opened_at", "due_at",
            "settled_at", "settlement",
        )  # fmt: skip


class HoldSerializer(serializers.ModelSerializer[Hold]):
    """A hold with all it stops, and how it was lifted."""

    subjects = serializers.SerializerMethodField()

    class Meta:
        model = Hold
        fields = (
            "id", "reason", "subjects", "reach", "case", "placed_by", "placed_at", "lifted_by", "lifted_at",
            "lift_reason",
        )  # fmt: skip

    def get_subjects(self, hold: Hold) -> list[str]:
        return sorted(row.subject for row in hold.subjects.all())


class WaiverSerializer(serializers.ModelSerializer[Waiver]):
    """An exception: which rule, for what, which days, who decided and why."""

    class Meta:
        model = Waiver
        fields = (
            "id", "rule", "subject", "reason", "state", "valid_from", "valid_until", "requested_by", "requested_at",
            "decided_by", "decided_at", "decision_reason",
        )  # fmt: skip


class SignatureSerializer(StampSerializer):
    """A signature of a subject's manifest, with the act that committed to it and its leaf in the log."""

    id = serializers.UUIDField(read_only=True)
    subject = serializers.CharField(read_only=True)
    method = serializers.ChoiceField(choices=SigningMethod, read_only=True)
    entry = serializers.UUIDField(read_only=True, allow_null=True)
    event = serializers.CharField(read_only=True)
    leaf = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Empty until the entry is sealed."
    )
    erased_by = serializers.CharField(
        read_only=True, help_text="The decision that took words out of what was signed, empty where none did."
    )
    erased_at = serializers.DateTimeField(read_only=True, allow_null=True)
    erased_entry = serializers.UUIDField(read_only=True, allow_null=True)
    receipt = serializers.DictField(
        read_only=True,
        allow_null=True,
        help_text="Inclusion proof and checkpoint, as verify.py takes them. Empty until the entry is sealed.",
    )


class ReportSerializer(serializers.Serializer[Any]):
    """A report that another hotline took in."""

    concern = serializers.ChoiceField(choices=Concern.choices)
    words = serializers.CharField(max_length=20_000)
    contact = serializers.CharField(required=False, allow_blank=True, max_length=300)


class OpenedCaseSerializer(serializers.Serializer[Any]):
    """The case that was opened, for the sender's own file."""

    number = serializers.CharField()
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()


class CaseQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=CaseState.choices, required=False)
    source = serializers.ChoiceField(choices=CaseSource.choices, required=False)
    risk = serializers.ChoiceField(choices=CaseRisk.choices, required=False)


class FindingQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=FindingState.choices, required=False)
    grade = serializers.ChoiceField(choices=Grade.choices, required=False)
    rule = serializers.CharField(max_length=40, required=False)


class HoldQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=("in_force", "lifted"), required=False)
    subject = serializers.CharField(max_length=80, required=False)


class WaiverQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=WaiverState.choices, required=False)
    rule = serializers.CharField(max_length=12, required=False)
    month = serializers.RegexField(r"^(19|2\d)\d\d-(0[1-9]|1[0-2])$", required=False)
