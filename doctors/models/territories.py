"""Which territory a doctor belongs to, from when, and by which rules: the one path by which people see doctors."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from doctors.choices import AssignmentSource, RuleKind
from pharmacrm.common.models import Governed

from .divisions import Division
from .doctors import Doctor
from .hospitals import Hospital


class Assignment(Governed):
    """A doctor belongs to a territory from a day until before another; in one line never to two at once.

    `line` repeats that of the territory, which a foreign key over both columns holds it to.
    """

    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="assignments")
    territory = models.ForeignKey("accounts.Territory", models.PROTECT, related_name="+", db_index=False)
    line = models.CharField(max_length=16, blank=True, default="")
    source = models.CharField(max_length=10, choices=AssignmentSource, default=AssignmentSource.EXPLICIT)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)  # first day on which it no longer holds

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="assignment_ends_after_it_starts",
            ),
            ExclusionConstraint(
                name="assignment_is_to_one_territory_of_a_line",
                expressions=[
                    ("doctor", RangeOperators.EQUAL),
                    ("line", RangeOperators.EQUAL),
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
        indexes = [
            # The days ride along: who belongs to a territory today is read from the index alone.
            models.Index(
                fields=["territory", "doctor"],
                include=["valid_from", "valid_until"],
                name="assignment_of_territory_idx",
            ),
            models.Index(fields=["doctor", "territory"], name="assignment_doctor_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.territory_id}"


class TerritoryRule(Governed):
    """What should belong to a territory: a division, a hospital, one doctor; or what should not."""

    territory = models.ForeignKey("accounts.Territory", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=RuleKind)
    division = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")
    hospital = models.ForeignKey(Hospital, models.PROTECT, null=True, related_name="+")
    doctor = models.ForeignKey(Doctor, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=RuleKind.DIVISION, division__isnull=False, hospital=None, doctor=None)
                | Q(
                    kind__in=[RuleKind.HOSPITAL, RuleKind.NOT_HOSPITAL],
                    hospital__isnull=False,
                    division=None,
                    doctor=None,
                )
                | Q(
                    kind__in=[RuleKind.DOCTOR, RuleKind.NOT_DOCTOR],
                    doctor__isnull=False,
                    division=None,
                    hospital=None,
                ),
                name="territoryrule_names_what_its_kind_says",
            ),
            models.UniqueConstraint(
                fields=["territory", "kind", "division", "hospital", "doctor"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="territoryrule_is_said_once",
            ),
        ]
        indexes = [models.Index(fields=["territory"], name="territoryrule_territory_idx")]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.kind}"
