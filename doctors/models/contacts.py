"""Ways to reach a doctor: encrypted, masked, findable by their tail only through a keyed hash."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from doctors.choices import ContactKind
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import TimeStamped
from pharmacrm.common.versions import VersionManager

from .doctors import Doctor


class ContactPoint(TimeStamped):
    """One phone number or address, encrypted under the doctor's own key. Source: PIPL 51.

    History keeps the ciphertext only, so erasing the key erases every past value too.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="contacts")
    kind = models.CharField(max_length=10, choices=ContactKind)
    sealed = models.BinaryField()
    masked = models.CharField(max_length=60)
    whole_index = models.CharField(max_length=32)
    tail_index = models.CharField(max_length=32, blank=True, default="")
    is_preferred = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    verified_on = models.DateField(null=True)

    history = HistoricalRecords(
        excluded_fields=["masked", "whole_index", "tail_index"], history_manager=VersionManager
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["doctor", "kind", "whole_index"], name="contactpoint_is_kept_once"
            ),
        ]
        indexes = [
            models.Index(  # with the doctor in it: a hundred people share a tail, and nobody's row has to be read
                fields=["tail_index"],
                include=["doctor"],
                condition=models.Q(kind__in=[ContactKind.MOBILE, ContactKind.PHONE], is_active=True),
                name="contactpoint_tail_of_idx",
            ),
            models.Index(fields=["whole_index"], name="contactpoint_whole_idx"),
        ]

    def __str__(self) -> str:
        return self.masked


class ContactReveal(models.Model):
    """Somebody read a contact point in full, and why. Written once. Source: PIPL 51."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.ForeignKey(ContactPoint, models.PROTECT, related_name="reveals")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    purpose = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["by", "at"], name="contactreveal_by_at_idx")]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.at:%Y-%m-%d %H:%M}"
