"""The ledger: one entry for each act, and the verdict it was done under."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from pharmacrm.common.ids import uuid7

USER = settings.AUTH_USER_MODEL


class StoredVerdict(models.Model):
    """A verdict as it was given: rules, parameters and facts, so it can be replayed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    point = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    pack = models.CharField(max_length=40)
    allows = models.BooleanField()
    breached = models.JSONField(default=list)
    body = models.JSONField()
    judged_at = models.DateTimeField()
    judged_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["subject", "judged_at"], name="storedverdict_subject_idx")]

    def __str__(self) -> str:
        return f"{self.point} {self.subject}"


class LedgerEntry(models.Model):
    """One act: what, on what, by whom, when, under which verdict, and the hashes of the rows it wrote."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.CharField(max_length=80)
    subject = models.CharField(max_length=80)
    actor = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    device_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")
    verdict = models.ForeignKey(StoredVerdict, models.PROTECT, null=True, related_name="entries")
    rows = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["subject", "at"], name="ledgerentry_subject_at_idx")]

    def __str__(self) -> str:
        return f"{self.event} {self.subject}"
