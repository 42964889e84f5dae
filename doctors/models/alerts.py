"""A doctor's own academic engagement rises or cools: noted from facts, open until it is no longer so."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from doctors.choices import AlertKind

from .doctors import Doctor


class EngagementAlert(models.Model):
    """What a doctor did with us in the last weeks against the weeks before. Units: hundredths of an academic contact.

    Watches academic engagement, never prescriptions. Made from the stream of contacts; rows are added and ended.
    """

    id = models.BigAutoField(primary_key=True)
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=AlertKind)
    before = models.PositiveIntegerField()
    now = models.PositiveIntegerField()
    noted_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["doctor"], condition=Q(ended_on__isnull=True), name="engagementalert_one_is_open"
            ),
            models.CheckConstraint(
                condition=Q(kind=AlertKind.RISING, now__gt=F("before"))
                | Q(kind=AlertKind.COOLING, now__lt=F("before")),
                name="engagementalert_says_which_way",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "-noted_on", "-id"],
                name="engagementalert_open_idx",
                condition=Q(ended_on__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.doctor_id}"

    @property
    def before_text(self) -> str:
        """The earlier weeks in contacts."""
        return f"{self.before / 100:.2f}"

    @property
    def now_text(self) -> str:
        """The last weeks in contacts."""
        return f"{self.now / 100:.2f}"
