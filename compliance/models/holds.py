"""Holds: a subject that is stopped, everywhere, until it is lifted by signature."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class Hold(Governed):
    """One decision to stop subjects, with its reason; lifted once, by a signed decision.

    `reach` is what rested on the subjects when they were stopped: [{"kind", "count", "subjects"}].
    """

    reason = models.CharField(max_length=500)
    placed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    placed_at = models.DateTimeField()
    reach = models.JSONField(default=list, blank=True)
    case = models.ForeignKey("compliance.Case", models.PROTECT, null=True, related_name="holds")
    lifted_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lift_reason = models.CharField(max_length=500, blank=True, default="")
    lift_signature = models.ForeignKey("compliance.Signature", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["-placed_at"], name="hold_in_force_idx", condition=Q(lifted_at__isnull=True))
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason=""),
                name="hold_lifted_says_who_and_why",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | Q(lift_signature__isnull=False),
                name="hold_lifted_is_signed",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.reason


class HoldSubject(Governed):
    """A subject that a hold stops."""

    hold = models.ForeignKey(Hold, models.PROTECT, related_name="subjects")
    subject = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["subject"], name="holdsubject_subject_idx")]
        constraints = [models.UniqueConstraint(fields=["hold", "subject"], name="holdsubject_is_unique")]

    def __str__(self) -> str:
        return self.subject
