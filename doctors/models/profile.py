"""Where a doctor works and what a doctor stands for: affiliations, academic posts, interests, roles."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from doctors.choices import (
    AcademicRole,
    InterestKind,
    InterestSource,
    Post,
    PostLevel,
    StakeholderKind,
    Title,
)
from pharmacrm.common.models import Governed

from .doctors import Doctor
from .hospitals import Department, Hospital


class Affiliation(Governed):
    """A doctor works at a hospital from a day until before another; several at once are lawful (多点执业)."""

    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="affiliations")
    hospital = models.ForeignKey(Hospital, models.PROTECT, related_name="affiliations")
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+")
    department_name = models.CharField(max_length=60, blank=True, default="")
    title = models.CharField(max_length=32, choices=Title, default=Title.UNKNOWN)
    post = models.CharField(max_length=20, choices=Post, default=Post.NONE)
    is_primary = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)  # first day on which it no longer holds

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="affiliation_ends_after_it_starts",
            ),
            ExclusionConstraint(
                name="affiliation_has_one_primary_at_a_time",
                condition=Q(is_primary=True),
                expressions=[
                    ("doctor", RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_until"),
                            RangeBoundary(),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [models.Index(fields=["hospital", "doctor"], name="affiliation_hospital_idx")]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.hospital_id}"


class AcademicPost(Governed):
    """A seat in a society, a journal or a guideline group, from a public source."""

    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="academic_posts")
    organisation = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=AcademicRole)
    level = models.CharField(max_length=16, choices=PostLevel)
    source_url = models.URLField(blank=True, default="")
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "doctor"], name="academicpost_society_idx")]
        constraints = [
            models.UniqueConstraint(
                fields=["doctor", "organisation", "role"],
                condition=Q(valid_until__isnull=True),
                name="academicpost_is_held_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.role}"


class Interest(Governed):
    """What a doctor wants to talk about: disease areas and topics, never patients and never amounts."""

    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="interests")
    kind = models.CharField(max_length=16, choices=InterestKind)
    name = models.CharField(max_length=80)
    source = models.CharField(max_length=16, choices=InterestSource)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["doctor", "kind", "name"], name="interest_is_said_once"),
        ]
        indexes = [models.Index(fields=["kind", "name"], name="interest_kind_name_idx")]

    def __str__(self) -> str:
        return self.name


class StakeholderRole(Governed):
    """The part a doctor plays in taking up medical evidence, in a hospital or wider."""

    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="stakeholder_roles")
    role = models.CharField(max_length=16, choices=StakeholderKind)
    hospital = models.ForeignKey(Hospital, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True, default="")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="stakeholderrole_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["doctor", "role", "hospital"],
                nulls_distinct=False,
                condition=Q(valid_until__isnull=True),
                name="stakeholderrole_is_held_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.role}"
