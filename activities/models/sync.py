"""The server's half of the phone's operation log."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from activities.choices import OperationKind, OperationStatus

USER = settings.AUTH_USER_MODEL


class SyncOperation(models.Model):
    """One operation of one person's phone and the answer it got, kept in the transaction of its effect.

    The primary key is the receipt number. A second arrival of the same operation gets the same answer again.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    op_id = models.UUIDField()
    kind = models.CharField(max_length=20, choices=OperationKind)
    request_sha256 = models.CharField(max_length=64)
    status = models.CharField(max_length=12, choices=OperationStatus, default=OperationStatus.DONE)
    answer = models.JSONField(default=dict)
    device_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "-received_at"], name="syncoperation_user_idx")]
        constraints = [
            models.UniqueConstraint(fields=["user", "op_id"], name="syncoperation_is_unique_for_user")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.op_id}"
