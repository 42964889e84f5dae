"""The stream of contacts that scoring and time lines read."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from doctors.choices import Channel, InteractionKind

from .doctors import Doctor


class Interaction(models.Model):
    """One contact with one doctor; written once, never changed. A correction is a further row of opposite weight.

    `weight` is in hundredths of one face-to-face visit. Tens of millions of rows: plain key, no history.
    """

    id = models.BigAutoField(primary_key=True)
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="interactions", db_index=False)
    kind = models.CharField(max_length=20, choices=InteractionKind)
    channel = models.CharField(max_length=10, choices=Channel)
    at = models.DateTimeField()
    weight = models.IntegerField(default=100)
    subject = models.CharField(max_length=80)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        # Kind and weight ride along: the sums of a doctor's contacts are then read from the index alone.
        indexes = [
            models.Index(
                fields=["doctor", "at"], include=["kind", "weight"], name="interaction_doctor_sums_idx"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
