"""Records that may be one doctor: the fitted weights, the pairs they point at, and the merges that followed."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from doctors.choices import MatchState, PairState
from pharmacrm.common.models import Governed

from .doctors import Doctor

USER = settings.AUTH_USER_MODEL


class MatchModel(Governed):
    """Weights fitted once, with all that it takes to repeat the fit, and the steward's two lines. One is in force.

    Scores and lines are in hundredths of a bit.
    """

    version = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=10, choices=MatchState, default=MatchState.WAITING)
    facts = models.JSONField(
        default=dict
    )  # m, u, share of rules.weights; shares of names where the base gave them
    manifest = models.JSONField(default=dict)
    lower = models.IntegerField(default=0)  # from here on a steward is asked
    upper = models.IntegerField(default=0)  # from here on a pair may be merged without asking
    merges_alone = models.BooleanField(default=False)
    job = models.ForeignKey("common.Job", models.SET_NULL, null=True, related_name="+")
    asked_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=MatchState.IN_FORCE), name="matchmodel_one_is_in_force"
            ),
            models.CheckConstraint(condition=Q(upper__gte=F("lower")), name="matchmodel_lines_are_in_order"),
        ]

    def __str__(self) -> str:
        return str(self.version)


class MatchPair(Governed):
    """Two records compared: how closely each feature agrees, what that weighs, what a person decided and why."""

    low = models.ForeignKey(Doctor, models.PROTECT, related_name="+", db_index=False)
    high = models.ForeignKey(Doctor, models.PROTECT, related_name="+")
    model = models.ForeignKey(MatchModel, models.PROTECT, related_name="pairs", db_index=False)
    levels = ArrayField(models.SmallIntegerField())
    score = models.IntegerField()
    state = models.CharField(max_length=10, choices=PairState, default=PairState.OPEN)
    reason = models.CharField(max_length=300, blank=True, default="")
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    look_again_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="matchpair_is_kept_once"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="matchpair_is_in_order"),
            models.CheckConstraint(
                condition=Q(state=PairState.OPEN) | Q(decided_at__isnull=False),
                name="matchpair_decided_has_a_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state=PairState.LATER) | Q(look_again_on__isnull=False),
                name="matchpair_later_has_a_day",
            ),
        ]
        indexes = [models.Index(fields=["state", "-score", "id"], name="matchpair_queue_idx")]

    def __str__(self) -> str:
        return f"{self.low_id} {self.high_id}"

    def get_absolute_url(self) -> str:
        return reverse("doctors:match-detail", args=[self.pk])


class MergeRecord(Governed):
    """One record stands for another from a moment on. Nothing is repointed; undoing sets the pointer back."""

    kept = models.ForeignKey(Doctor, models.PROTECT, related_name="+")
    merged = models.ForeignKey(Doctor, models.PROTECT, related_name="merges", db_index=False)
    pair = models.ForeignKey(MatchPair, models.PROTECT, null=True, related_name="merges")
    score = models.IntegerField(null=True)
    reason = models.CharField(max_length=300)
    merged_by = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="+"
    )  # none: above the upper line
    merged_at = models.DateTimeField()
    carried = models.JSONField(default=dict)  # what the kept record took over, for undo
    undone_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undo_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merged"], condition=Q(undone_at__isnull=True), name="mergerecord_holds_once"
            ),
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="mergerecord_is_of_two"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(undone_by__isnull=False),
                name="mergerecord_undone_is_signed",
            ),
        ]
        indexes = [models.Index(fields=["merged_at"], name="mergerecord_merged_at_idx")]

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.kept_id}"
