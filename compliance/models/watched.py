"""Watched acts: a rule of grade 关注 lets an act go on, asks for the reason, and has some looked at again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from compliance.choices import WatchState
from compliance.models.ledger import StoredVerdict
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class WatchedAct(Governed):
    """One breach of a rule of grade 关注: the act stands, its author gives the reason, and a share is reviewed."""

    verdict = models.ForeignKey(StoredVerdict, models.PROTECT, related_name="+")
    rule = models.CharField(max_length=12)
    subject = models.CharField(max_length=120)
    asked_of = models.ForeignKey(USER, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    is_sampled = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=WatchState, default=WatchState.ASKED)
    reason = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    review = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["verdict", "rule"], name="watchedact_once_for_a_verdict"),
            models.CheckConstraint(
                condition=Q(state=WatchState.ASKED) | (Q(answered_at__isnull=False) & ~Q(reason="")),
                name="watchedact_answered_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("asked_of")),
                name="watchedact_two_people",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="watchedact_state_due_idx"),
            models.Index(fields=["asked_of", "-asked_at"], name="watchedact_asked_of_idx"),
            models.Index(fields=["-asked_at", "-id"], name="watchedact_asked_at_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject}"
