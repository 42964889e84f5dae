"""Which territory a doctor belongs to, and from when: the one path by which people see doctors."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from doctors.choices import AssignmentSource
from pharmacrm.common.models import Governed

from .doctors import Doctor


class Assignment(Governed):
    """A doctor belongs to a territory from a day until before another; never twice at once to the same one."""

    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="assignments")
    territory = models.ForeignKey("accounts.Territory", models.PROTECT, related_name="+", db_index=False)
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
                name="assignment_holds_once_at_a_time",
                expressions=[
                    ("doctor", RangeOperators.EQUAL),
                    ("territory", RangeOperators.EQUAL),
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
