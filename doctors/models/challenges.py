"""A representative says that a doctor should be theirs, or should not."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from doctors.choices import ChallengeKind, ChangeState
from pharmacrm.common.models import Governed

from .doctors import Doctor

USER = settings.AUTH_USER_MODEL


class Challenge(Governed):
    """A claim about who belongs to whom.

    What it says is encrypted: under the doctor's key, or under its own (`wrapped_key`) while it is not known who is
    meant; that key is destroyed with the decision.
    """

    kind = models.CharField(max_length=10, choices=ChallengeKind)
    doctor = models.ForeignKey(Doctor, models.PROTECT, null=True, related_name="+")
    territory = models.ForeignKey("accounts.Territory", models.PROTECT, related_name="+")
    sealed = models.BinaryField()
    wrapped_key = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=ChangeState, default=ChangeState.OPEN)
    asked_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True, default="")
    evidence = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ChangeState.OPEN)
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(answer=""),
                name="challenge_decided_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("asked_by")),
                name="challenge_two_people",
            ),
            models.CheckConstraint(
                condition=Q(kind=ChallengeKind.MINE) | Q(doctor__isnull=False),
                name="challenge_of_ones_own_names_the_doctor",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], name="challenge_open_due_idx", condition=Q(state="open")),
            models.Index(fields=["asked_by", "-id"], name="challenge_asked_by_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
