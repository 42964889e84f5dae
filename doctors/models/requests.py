"""What doctors ask about their own data, and the single-person links through which they come. Source: PIPL 44 to 50."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doctors.choices import CodeChannel, IdentityCheck, RequestKind, RequestSource, RequestState
from doctors.rules.requests import MOST_WRONG_CODES
from pharmacrm.common.models import Governed

from .doctors import Doctor

USER = settings.AUTH_USER_MODEL


class PrivacyRequest(Governed):
    """One request of a doctor. Words of the doctor, reason and letter are encrypted under the doctor's key.

    `target_on` is the company's own goal, `due_at` the last moment; `seconded_by` is the second person an erasure needs.
    """

    number = models.CharField(max_length=20, unique=True)
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="privacy_requests")
    kind = models.CharField(max_length=20, choices=RequestKind)
    source = models.CharField(max_length=10, choices=RequestSource)
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.OPEN)
    words_sealed = models.BinaryField(null=True)
    received_at = models.DateTimeField()
    taken_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    identity = models.CharField(max_length=10, choices=IdentityCheck, blank=True, default="")
    identity_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    identity_at = models.DateTimeField(null=True)
    target_on = models.DateField()
    due_at = models.DateTimeField()
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    is_granted = models.BooleanField(null=True)
    reason_sealed = models.BinaryField(null=True)
    letter_sealed = models.BinaryField(null=True)
    seconded_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    verdict_id = models.UUIDField(null=True)
    change = models.ForeignKey("doctors.ChangeRequest", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(seconded_by__isnull=True) | ~Q(seconded_by=F("decided_by")),
                name="privacyrequest_erasure_takes_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.CLOSED)
                | Q(closed_at__isnull=False, is_granted__isnull=False),
                name="privacyrequest_closed_is_decided",
            ),
            models.CheckConstraint(
                condition=~Q(is_granted=False) | Q(reason_sealed__isnull=False),
                name="privacyrequest_refusal_gives_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="privacyrequest_due_idx"),
            models.Index(fields=["state", "due_at"], name="privacyrequest_state_idx"),
            models.Index(fields=["doctor", "-received_at"], name="privacyrequest_doctor_idx"),
        ]

    def __str__(self) -> str:
        return self.number


class DoctorLink(Governed):
    """A link for one doctor: it ends by itself, can be taken back, and shows nothing personal before a code.

    `code_tries` counts the wrong codes since the last right one, over all codes: at five the link opens no more.
    """

    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="links")
    made_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    valid_until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    code_hash = models.CharField(max_length=64, blank=True, default="")
    code_sealed = models.BinaryField(null=True)  # until the message with it has left
    code_channel = models.CharField(max_length=10, choices=CodeChannel, blank=True, default="")
    code_sent_at = models.DateTimeField(null=True)
    code_until = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["doctor", "-valid_until"], name="doctorlink_doctor_idx")]

    def __str__(self) -> str:
        return f"link {self.pk}"

    @property
    def is_locked(self) -> bool:
        return self.code_tries >= MOST_WRONG_CODES
