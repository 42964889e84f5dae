"""Electronic signatures, and the sessions in which they are given."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from compliance.choices import SigningMethod
from pharmacrm.common.ids import uuid7

USER = settings.AUTH_USER_MODEL


class Signature(models.Model):
    """A person's mark under content, bound to its hash; append-only.

    `mac` seals every column with a key kept outside the database, so the row cannot be moved to other content.
    Source: 21 CFR 11.50, 11.70; 电子签名法 (2019) 13.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject = models.CharField(max_length=80)
    content_sha256 = models.CharField(max_length=64)
    meaning = models.CharField(max_length=200)
    signer = models.ForeignKey(USER, models.PROTECT, related_name="+")
    printed_name = models.CharField(max_length=80)
    job_title = models.CharField(max_length=80, blank=True, default="")
    signed_at = models.DateTimeField()
    time_zone = models.CharField(max_length=40)
    method = models.CharField(max_length=16, choices=SigningMethod)
    mac = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "signed_at"], name="signature_subject_at_idx"),
            models.Index(fields=["signer", "-signed_at"], name="signature_signer_at_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(content_sha256__regex=r"^[0-9a-f]{64}$"), name="signature_names_a_hash"
            ),
            models.CheckConstraint(
                condition=~Q(meaning="") & ~Q(printed_name=""), name="signature_says_who_and_what"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.printed_name}: {self.meaning}"


class SigningSession(models.Model):
    """When a person last signed in one login session, and the last one-time code they used."""

    user = models.ForeignKey(USER, models.CASCADE, related_name="+")
    session = models.CharField(max_length=64)
    last_signed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "session"], name="signingsession_is_unique")]

    def __str__(self) -> str:
        return f"{self.user_id}"


class UsedCode(models.Model):
    """A one-time code that was used to sign; it never serves again."""

    user = models.ForeignKey(USER, models.CASCADE, related_name="+")
    counter = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "counter"], name="usedcode_serves_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.counter}"


class SigningFailure(models.Model):
    """A wrong password or code at signing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    subject = models.CharField(max_length=80)
    failed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "failed_at"], name="signingfailure_user_at_idx")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.failed_at:%Y-%m-%d %H:%M}"
