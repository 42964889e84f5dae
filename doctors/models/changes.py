"""What a representative proposes and a steward decides: the master is never edited from the field."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from doctors.choices import ChangeKind, ChangeState
from pharmacrm.common.models import Governed

from .doctors import Doctor

USER = settings.AUTH_USER_MODEL


class ChangeRequest(Governed):
    """A proposed correction of one doctor, or a new one; what it says is encrypted under the doctor's key.

    `decisions` says of each field whether it was taken and, if not, why.
    """

    kind = models.CharField(max_length=12, choices=ChangeKind, default=ChangeKind.CORRECTION)
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="change_requests")
    sealed = models.BinaryField()
    fields = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=ChangeState, default=ChangeState.OPEN)
    asked_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True, default="")
    decisions = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ChangeState.OPEN) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="changerequest_decided_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("asked_by")),
                name="changerequest_two_people",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], name="changerequest_open_due_idx", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.state}"


class ChangeAttachment(Governed):
    """A file that came with a proposal; its name is not kept, since it may name a person."""

    request = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="attachments")
    file = models.ForeignKey("common.StoredFile", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "file"], name="changeattachment_is_added_once"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.file_id}"
