"""Consents: what a doctor was told, in which words, and what was answered. Source: PIPL 13 to 17."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doctors.choices import Channel, ConsentState, LegalBasis, NoticeState
from pharmacrm.common.models import Governed

from .doctors import Doctor


class ConsentPurpose(Governed):
    """What personal data are used for, on which legal ground."""

    code = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    legal_basis = models.CharField(max_length=20, choices=LegalBasis, default=LegalBasis.CONSENT)
    clause = models.CharField(max_length=40, blank=True, default="")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class ConsentNotice(Governed):
    """The exact words a doctor is shown for a purpose; a new wording is a new version.

    Who wrote it and who published it are two people. A version that changes the substance (purpose, method, kinds of
    data) makes every consent to an earlier one lapse. Source: PIPL 14(2).
    """

    purpose = models.ForeignKey(ConsentPurpose, models.PROTECT, related_name="notices")
    version = models.PositiveSmallIntegerField()
    text_zh = models.TextField()
    text_en = models.TextField()
    sha256 = models.CharField(max_length=64)
    valid_from = models.DateField()
    state = models.CharField(max_length=10, choices=NoticeState, default=NoticeState.PUBLISHED)
    is_material = models.BooleanField(default=False)
    what_changed = models.CharField(max_length=300, blank=True, default="")
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="consentnotice_version_is_unique"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="consentnotice_sha256_is_hex"
            ),
            models.CheckConstraint(
                condition=Q(drafted_by__isnull=True)
                | Q(published_by__isnull=True)
                | ~Q(drafted_by=F("published_by")),
                name="consentnotice_is_published_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose_id} {self.version}"


class ConsentRecord(Governed):
    """One answer of a doctor for a cell of person × channel × purpose × product; empty means every value.

    Answers are added, never changed: the newest one of a cell holds, the most specific cell decides, never wins.
    `recorded_by` is None where the doctor answered on their own page.
    """

    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="consents")
    channel = models.CharField(max_length=10, choices=Channel, blank=True, default="")
    purpose = models.ForeignKey(ConsentPurpose, models.PROTECT, null=True, related_name="+")
    product_code = models.CharField(max_length=40, blank=True, default="")
    state = models.CharField(max_length=10, choices=ConsentState)
    notice = models.ForeignKey(ConsentNotice, models.PROTECT, null=True, related_name="+")
    obtained_by = models.CharField(max_length=10, choices=Channel, blank=True, default="")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proof = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="consentrecord_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(state=ConsentState.GIVEN) | Q(notice__isnull=False),
                name="consentrecord_given_shows_its_notice",
            ),
        ]
        indexes = [models.Index(fields=["doctor", "-valid_from"], name="consentrecord_doctor_idx")]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.state}"
