"""The register of impact assessments (PIPL 55, 56), and whom personal data are given to abroad (PIPL 38 to 40)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from compliance.choices import AssessmentKind, AssessmentState, ExportRoute, RiskLeft
from pharmacrm.common.ids import uuid7
from pharmacrm.common.leaving import Door
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class ImpactAssessment(Governed):
    """One impact assessment; it counts once a second person approved it, until the day of its review."""

    number = models.CharField(max_length=30, unique=True)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=AssessmentKind)
    state = models.CharField(max_length=10, choices=AssessmentState, default=AssessmentState.DRAFT)
    lawful_basis = models.CharField(max_length=200)
    data_used = models.TextField()
    necessity = models.TextField()
    risks = models.TextField()
    measures = models.TextField()
    risk_left = models.CharField(max_length=8, choices=RiskLeft, default=RiskLeft.LOW)
    file = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    approved_on = models.DateField(null=True)
    review_on = models.DateField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("author")),
                name="impactassessment_takes_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state=AssessmentState.APPROVED)
                | Q(approved_by__isnull=False, approved_on__isnull=False, review_on__isnull=False),
                name="impactassessment_approved_has_a_review_day",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ExportRecipient(Governed):
    """Somebody outside whom personal data are given to: where they sit, on which lawful route, with which account."""

    name = models.CharField(max_length=120, unique=True)
    region = models.CharField(max_length=2)  # ISO 3166-1; CN is mainland China
    route = models.CharField(max_length=12, choices=ExportRoute, default=ExportRoute.NONE)
    route_number = models.CharField(max_length=60, blank=True, default="")
    route_until = models.DateField(null=True)
    assessment = models.ForeignKey(ImpactAssessment, models.PROTECT, null=True, related_name="recipients")
    account = models.OneToOneField(USER, models.PROTECT, null=True, related_name="+")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(route=ExportRoute.NONE) | ~Q(route_number=""),
                name="exportrecipient_route_has_a_number",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_abroad(self) -> bool:
        return self.region != "CN"


class ExportTally(models.Model):
    """One export with how many persons it held; without a recipient it stayed in the company.

    The REST pages of one account, list and day that stay in the company are one row.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    recipient = models.ForeignKey(ExportRecipient, models.PROTECT, null=True, related_name="tallies")
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    persons = models.PositiveIntegerField()
    sensitive = models.PositiveIntegerField(default=0)
    approval = models.OneToOneField(  # that allowed it beyond a line, once
        "compliance.ApprovalRequest", models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["-at", "-id"], name="exporttally_at_idx")]

    def __str__(self) -> str:
        return f"{self.name} {self.persons}"

    @property
    def door(self) -> str:
        return str(Door(self.kind).label)


class ExportedPerson(models.Model):
    """A person was given abroad in a year; counted once a recipient and year. Source: 促进和规范数据跨境流动规定 7, 8."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    recipient = models.ForeignKey(ExportRecipient, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    person = models.UUIDField()
    is_sensitive = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["year", "recipient", "person", "is_sensitive"], name="exportedperson_counts_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.person}"
