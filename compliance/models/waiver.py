"""Waivers: a named person covers one coming breach of one rule, until a day."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from compliance.choices import WaiverState
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class Waiver(Governed):
    """One exception, asked for beforehand. Source: RDPAC 7 (hospitality), approval by a specially authorised person."""

    rule = models.CharField(max_length=12)
    subject = models.CharField(max_length=80)
    reason = models.TextField()
    state = models.CharField(max_length=12, choices=WaiverState, default=WaiverState.REQUESTED)
    valid_from = models.DateField()
    valid_until = models.DateField()  # first day on which it no longer covers
    requested_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="waiver_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=~Q(decided_by=F("requested_by")), name="waiver_two_people"),
            models.CheckConstraint(
                condition=Q(state__in=[WaiverState.REQUESTED, WaiverState.WITHDRAWN])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="waiver_decided_is_signed",
            ),
        ]
        indexes = [
            models.Index(fields=["rule", "subject", "state"], name="waiver_rule_subject_idx"),
            models.Index(fields=["state", "-requested_at"], name="waiver_state_requested_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject}"
