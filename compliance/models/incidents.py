"""Personal-data incidents: what leaked, was changed or lost; the clock, the measures and the notices (PIPL 57)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from compliance.choices import DataKind, IncidentKind, IncidentState
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL
INTERNAL_WITHIN = timedelta(hours=1)


class PrivacyIncident(Governed):
    """One incident. Its words are sealed under its case's key; who may read it is the case's team."""

    case = models.OneToOneField("compliance.Case", models.PROTECT, related_name="incident")
    kind = models.CharField(max_length=8, choices=IncidentKind)
    state = models.CharField(max_length=10, choices=IncidentState, default=IncidentState.OPEN)
    data_kinds = ArrayField(models.CharField(max_length=16, choices=DataKind))
    persons_affected = models.PositiveIntegerField()
    is_estimate = models.BooleanField(default=True)
    occurred_at = models.DateTimeField(null=True)
    detected_at = models.DateTimeField()
    reported_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    cause_sealed = models.BinaryField()
    harm_sealed = models.BinaryField()
    measures_sealed = models.BinaryField(null=True)  # taken by the company
    advice_sealed = models.BinaryField(null=True)  # what a person can do
    contact = models.CharField(max_length=120)
    contained_at = models.DateTimeField(null=True)
    authority_due_at = models.DateTimeField()
    authority_told_at = models.DateTimeField(null=True)
    authority_reference = models.CharField(max_length=80, blank=True, default="")
    harm_avoided = models.BooleanField(default=False)
    spared_sealed = models.BinaryField(null=True)  # why persons need not be told
    persons_told_at = models.DateTimeField(null=True)
    persons_told_how = models.CharField(max_length=120, blank=True, default="")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-detected_at", "-id"], name="privacyincident_detected_idx"),
            models.Index(
                fields=["authority_due_at"],
                name="privacyincident_clock_idx",
                condition=Q(authority_told_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(occurred_at__isnull=True) | Q(occurred_at__lte=F("detected_at")),
                name="privacyincident_occurs_before_it_is_found",
            ),
            models.CheckConstraint(
                condition=Q(authority_told_at__isnull=True) | ~Q(authority_reference=""),
                name="privacyincident_report_has_a_reference",
            ),
            models.CheckConstraint(
                condition=Q(harm_avoided=False) | Q(spared_sealed__isnull=False),
                name="privacyincident_sparing_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state=IncidentState.CLOSED)
                | Q(closed_at__isnull=False, contained_at__isnull=False, authority_told_at__isnull=False)
                & (Q(harm_avoided=True) | Q(persons_told_at__isnull=False)),
                name="privacyincident_closes_after_its_notices",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"

    @property
    def internal_due_at(self) -> datetime:
        return self.detected_at + INTERNAL_WITHIN

    @property
    def cause(self) -> str:
        return self.case.opened(self.cause_sealed)

    @property
    def harm(self) -> str:
        return self.case.opened(self.harm_sealed)

    @property
    def measures_words(self) -> str:
        return self.case.opened(self.measures_sealed)

    @property
    def advice(self) -> str:
        return self.case.opened(self.advice_sealed)

    @property
    def spared(self) -> str:
        return self.case.opened(self.spared_sealed)
