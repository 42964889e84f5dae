"""Alarms of the never-store guard: what was kept apart or refused, and who found it to be a false alarm."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from compliance.choices import AlarmPlace, AlarmState
from compliance.words.fields import guarded_words
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class GuardAlarm(Governed):
    """One hit of the guard: a note kept apart, or a column that was refused and is said to be innocent.

    The words lie encrypted under the installation's key until two people have decided; a right alarm destroys them.
    `fingerprint` is a keyed hash of the folded words, so that a released text is known again without being kept.
    """

    place = models.CharField(max_length=12, choices=AlarmPlace)
    kind = models.CharField(max_length=60)  # of the import, or the field the note stood in
    subject = models.CharField(max_length=120, blank=True, default="")
    categories = models.JSONField(default=list)
    fingerprint = models.CharField(max_length=32)
    sealed = models.BinaryField(null=True)
    claim = models.TextField(blank=True, default="")
    state = models.CharField(max_length=12, choices=AlarmState, default=AlarmState.OPEN)
    raised_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    raised_at = models.DateTimeField()
    first_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField(null=True)
    first_reason = models.TextField(blank=True, default="")
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place", "kind", "subject", "fingerprint"],
                condition=Q(state="open"),
                name="guardalarm_open_once",
            ),
            models.CheckConstraint(
                condition=~Q(state=AlarmState.RELEASED)
                | (
                    Q(first_by__isnull=False, decided_by__isnull=False)
                    & ~Q(first_by=F("decided_by"))
                    & (
                        Q(raised_by__isnull=True)
                        | (~Q(first_by=F("raised_by")) & ~Q(decided_by=F("raised_by")))
                    )
                ),
                name="guardalarm_released_by_two_others",
            ),
            models.CheckConstraint(
                condition=~Q(state=AlarmState.RIGHT) | Q(sealed__isnull=True),
                name="guardalarm_right_keeps_no_words",
            ),
        ]
        indexes = [
            models.Index(fields=["place", "kind", "fingerprint", "state"], name="guardalarm_fingerprint_idx"),
            models.Index(fields=["state", "-raised_at"], name="guardalarm_state_raised_idx"),
            models.Index(fields=["raised_by", "-raised_at"], name="guardalarm_raised_by_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.get_place_display()} {guarded_words(self.kind)}"
