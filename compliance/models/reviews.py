"""Periodic review of the audit trail: a span of days, a sample drawn by a public seed, marks, and a signature."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from compliance.choices import TrailMark, TrailReviewState
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class TrailReview(Governed):
    """One review. `seed` is the root of the first checkpoint signed after the last day, so nobody chose it."""

    first_day = models.DateField(unique=True)
    last_day = models.DateField()
    population = models.PositiveBigIntegerField()
    seed = models.CharField(max_length=64)
    checkpoint_size = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=TrailReviewState, default=TrailReviewState.OPEN)
    drawn_at = models.DateTimeField()
    due_on = models.DateField()
    conclusion = models.TextField(blank=True, default="")
    signature = models.ForeignKey("compliance.Signature", models.PROTECT, null=True, related_name="+")
    signed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_on"], name="trailreview_state_due_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="trailreview_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(signature__isnull=False) & ~Q(conclusion=""),
                name="trailreview_signed_says_what_was_found",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_day:%Y-%m}"


class TrailReviewItem(Governed):
    """One drawn entry, and what the reviewer made of it."""

    review = models.ForeignKey(TrailReview, models.PROTECT, related_name="items")
    number = models.BigIntegerField()  # of its leaf
    entry_id = models.UUIDField()
    mark = models.CharField(max_length=12, choices=TrailMark, default=TrailMark.NONE)
    note = models.CharField(max_length=500, blank=True, default="")
    marked_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    marked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "number"], name="trailreviewitem_is_drawn_once"),
            models.CheckConstraint(
                condition=~Q(mark="question") | ~Q(note=""), name="trailreviewitem_question_says_what"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.mark}"
