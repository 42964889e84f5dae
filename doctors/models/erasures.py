"""What is left of a doctor who asked to be forgotten: that it was done, when, why, and what the law keeps."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from doctors.choices import ErasureState
from pharmacrm.common.models import Governed, TimeStamped

from .doctors import Doctor

USER = settings.AUTH_USER_MODEL


class Erasure(Governed):
    """The personal values of one doctor were destroyed, or put away while the law keeps them. Source: PIPL 47.

    `removed` counts what went, by place; `keeps` is what stays and why: [{"what", "clause", "until", "count"}].
    """

    doctor = models.OneToOneField(Doctor, models.PROTECT, related_name="erasure")
    asked_in = models.UUIDField(null=True, help_text="The privacy request that asked for it.")
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=ErasureState)
    removed = models.JSONField(default=dict)
    keeps = models.JSONField(default=list)
    erased_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    erased_at = models.DateTimeField()
    frozen_until = models.DateField(
        null=True
    )  # first day on which nothing keeps it; none while a hold stands

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="erasure_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(state="frozen") | ~Q(keeps=[]), name="erasure_frozen_says_what_keeps_it"
            ),
        ]
        indexes = [
            models.Index(fields=["frozen_until"], name="erasure_frozen_idx", condition=Q(state="frozen"))
        ]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.state}"


class FrozenIdentity(TimeStamped):
    """Name and key of a doctor, put away under a legal duty to keep: no list or search reads this, one page with a reason.

    Destroying this row destroys the key. Source: PIPL 47, nothing but storage and protection.
    """

    doctor = models.OneToOneField(Doctor, models.PROTECT, primary_key=True, related_name="frozen_identity")
    sealed = models.BinaryField()
    wrapped_key = models.BinaryField()

    def __str__(self) -> str:
        return str(self.doctor_id)
