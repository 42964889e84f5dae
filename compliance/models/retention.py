"""Runs in which records whose term is over are destroyed: asked for by one person, approved by another, both by signature."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from compliance.choices import RetentionState
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class RetentionRun(Governed):
    """One run: the day it goes by, what was planned, who signed, and how much it destroyed.

    `plan` is {class: {"due", "held", "keys_sha256"}}; `done` counts roots by class.
    """

    on_day = models.DateField(_("Day"))
    plan = models.JSONField(default=dict)
    plan_sha256 = models.CharField(max_length=64)
    reason = models.CharField(_("Reason"), max_length=300)
    state = models.CharField(_("State"), max_length=10, choices=RetentionState, default=RetentionState.ASKED)
    asked_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    asked_signature = models.ForeignKey("compliance.Signature", models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    signature = models.ForeignKey("compliance.Signature", models.PROTECT, null=True, related_name="+")
    job = models.ForeignKey("common.Job", models.PROTECT, null=True, related_name="+")
    done = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(decided_by=F("asked_by")), name="retentionrun_two_people"),
            models.CheckConstraint(condition=~Q(reason=""), name="retentionrun_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(state__in=["running", "done", "stopped"])
                | Q(decided_by__isnull=False, signature__isnull=False),
                name="retentionrun_begins_signed",
            ),
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state__in=["asked", "running"]),
                name="retentionrun_one_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["-asked_at"], name="retentionrun_asked_at_idx")]

    def __str__(self) -> str:
        return f"{self.on_day} {self.state}"
