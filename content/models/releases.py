"""Releases, and the leases under which phones hold released bytes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from pharmacrm.common.models import Governed

from .materials import MaterialVersion

USER = settings.AUTH_USER_MODEL


class Release(Governed):
    """A version let out: number, days, and the exact bytes all three signed."""

    version = models.OneToOneField(MaterialVersion, models.PROTECT, related_name="release")
    approval_number = models.CharField(max_length=40, unique=True)
    file_sha256 = models.CharField(max_length=64)
    released_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    released_at = models.DateTimeField()
    valid_from = models.DateField()
    expires_on = models.DateField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__gt=F("valid_from")), name="release_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.approval_number


class Lease(Governed):
    """Leave for one person's device to hold a version until a moment, signed by the installation."""

    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    version = models.ForeignKey(MaterialVersion, models.PROTECT, related_name="leases")
    file_sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "expires_at"], name="lease_user_expires_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="lease_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.version_id}"
