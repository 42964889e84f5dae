"""The live book: versions of rules, the company's dated figures, and the packs that hold them together."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from compliance.choices import Grade, ParameterState, RuleState
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class RuleVersion(Governed):
    """One version of one rule, as its text says it; the text never changes once the version is live."""

    rule = models.CharField(max_length=12)
    version = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=RuleState, default=RuleState.DRAFT)
    scene = models.CharField(max_length=24)
    grade = models.CharField(max_length=4, choices=Grade)
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)  # first day on which it no longer holds
    ends = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+"
    )  # a decision to end that version
    reason = models.TextField(blank=True, default="")
    dry_run = models.JSONField(null=True)
    drafted_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    first_signed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    first_signed_at = models.DateTimeField(null=True)
    second_signed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    second_signed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "version"], name="ruleversion_is_unique"),
            models.CheckConstraint(
                condition=Q(first_signed_by__isnull=True)
                | Q(drafted_by__isnull=True)
                | ~Q(first_signed_by=F("drafted_by")),
                name="ruleversion_first_signer_is_not_author",
            ),
            models.CheckConstraint(
                condition=Q(second_signed_by__isnull=True)
                | (~Q(second_signed_by=F("first_signed_by")) & ~Q(second_signed_by=F("drafted_by"))),
                name="ruleversion_three_different_people",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="ruleversion_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="ruleversion_sha256_is_hex"
            ),
        ]
        indexes = [
            models.Index(fields=["scene", "rule"], name="ruleversion_scene_rule_idx"),
            models.Index(fields=["state", "rule"], name="ruleversion_state_rule_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} v{self.version}"

    def standing_on(self, day: date) -> str:
        """Return how the version stands on a day: a draft, refused, coming, in force, or retired."""
        if self.state != RuleState.LIVE:
            return str(self.state)
        if day < self.valid_from:
            return "scheduled"
        return str(RuleState.RETIRED if self.valid_until and self.valid_until <= day else RuleState.LIVE)


class Parameter(Governed):
    """A company figure of one rule, from a day until before another. A change is a new row, signed by two people."""

    rule = models.CharField(max_length=12)
    name = models.CharField(max_length=40)
    value = models.JSONField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=ParameterState, default=ParameterState.DRAFT)
    reason = models.TextField()
    dry_run = models.JSONField(null=True)
    drafted_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    first_signed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    first_signed_at = models.DateTimeField(null=True)
    second_signed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    second_signed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="parameter_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(first_signed_by__isnull=True)
                | Q(drafted_by__isnull=True)
                | ~Q(first_signed_by=F("drafted_by")),
                name="parameter_first_signer_is_not_author",
            ),
            models.CheckConstraint(
                condition=Q(second_signed_by__isnull=True)
                | (~Q(second_signed_by=F("first_signed_by")) & ~Q(second_signed_by=F("drafted_by"))),
                name="parameter_three_different_people",
            ),
            models.UniqueConstraint(
                fields=["rule", "name", "valid_from"],
                condition=Q(state="live"),
                name="parameter_one_live_value_from_a_day",
            ),
        ]
        indexes = [models.Index(fields=["state", "rule", "name"], name="parameter_state_rule_idx")]

    def __str__(self) -> str:
        return f"{self.rule}.{self.name}"


class RulePack(models.Model):
    """The book as it judges from a moment: which versions, which figures. Never changed; a change is the next pack."""

    number = models.PositiveIntegerField(primary_key=True)
    key = models.CharField(max_length=40, unique=True)
    live_from = models.DateTimeField()
    made_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200)
    versions = models.ManyToManyField(RuleVersion, related_name="packs")
    figures = models.JSONField(default=list)
    ends = models.JSONField(
        default=dict
    )  # by key of a version: the ISO day it ends, where its own text says none

    class Meta:
        indexes = [models.Index(fields=["-live_from", "-number"], name="rulepack_live_from_idx")]

    def __str__(self) -> str:
        return self.key
