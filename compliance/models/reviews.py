"""Periodic review of the audit trail: a span of days, a sample drawn by a public seed, marks, and a signature."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from compliance.choices import TrailMark, TrailReviewState
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class TrailReviewPlan(Governed):
    """By what the trail is reviewed from a month on, until a plan from a later month holds. A change is a new row.

    `reviewer` is who signs; empty: any officer.
    """

    since = models.DateField()  # first day of a month
    every_months = models.PositiveSmallIntegerField()
    least = models.PositiveSmallIntegerField()
    per_mille = models.PositiveSmallIntegerField()
    most = models.PositiveSmallIntegerField()
    days = models.PositiveSmallIntegerField()
    reviewer = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    reason = models.TextField()
    decided_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["since", "decided_at"], name="trailreviewplan_since_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(every_months__in=[1, 2, 3, 6, 12]), name="trailreviewplan_divides_the_year"
            ),
            models.CheckConstraint(condition=Q(since__day=1), name="trailreviewplan_starts_with_a_month"),
            models.CheckConstraint(
                condition=Q(least__gt=0, most__gte=F("least"), days__gt=0, per_mille__lte=1000),
                name="trailreviewplan_draws_something",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="trailreviewplan_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m}"

    @property
    def subject(self) -> str:
        """What the ledger calls this change."""
        return f"trail_plan:{self.pk}"


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
    reviewer = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")  # empty: any officer
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
