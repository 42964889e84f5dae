"""A doctor's right to an explanation and to a person's decision. Source: PIPL 24, 48."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doctors.choices import ContestState, Tier
from pharmacrm.common.models import Governed

from .doctors import Doctor
from .segmentation import TierOverride

USER = settings.AUTH_USER_MODEL


class ExplanationLink(Governed):
    """A link to the explanation alone, as it was made before the doctor had one page for everything.

    None is made any more; one that has not ended leads on to a `DoctorLink` of the same key.
    """

    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="+")
    token_digest = models.CharField(max_length=64, unique=True)
    code_digest = models.CharField(max_length=64)
    issued_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="explanationlink_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.expires_at}"


class TierContest(Governed):
    """Somebody says that a tier is wrong; a person decides, never the one who said so."""

    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="+")
    tier_held = models.CharField(max_length=10, choices=Tier, blank=True)
    by_doctor = models.BooleanField(default=False)  # on the doctor's own page; `asked_by` made the link
    asked_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    sealed_words = models.BinaryField()
    state = models.CharField(max_length=10, choices=ContestState, default=ContestState.OPEN)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    sealed_answer = models.BinaryField(null=True)
    override = models.ForeignKey(TierOverride, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(decided_by=F("asked_by")), name="tiercontest_two_people"),
            models.CheckConstraint(
                condition=Q(state=ContestState.OPEN)
                | Q(decided_by__isnull=False, decided_at__isnull=False, sealed_answer__isnull=False),
                name="tiercontest_decided_is_signed",
            ),
            models.CheckConstraint(
                condition=~Q(state=ContestState.CHANGED) | Q(override__isnull=False),
                name="tiercontest_changed_by_an_override",
            ),
            models.UniqueConstraint(
                fields=["doctor"], condition=Q(state=ContestState.OPEN), name="tiercontest_one_is_open"
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="tiercontest_state_due_idx")]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.state}"
