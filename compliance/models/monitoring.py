"""Monitoring: a plan, the sample its seed drew, and what the review said of each item."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from compliance.choices import PlanState, ReviewResult
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class MonitoringPlan(Governed):
    """What is sampled: a population between two days, so many items, by points published beforehand.

    `points` is the table as it stood at planning: [[reason, points]]. `seed` is the root of the first checkpoint
    signed after the plan stood in the ledger, so nobody could choose it.
    """

    name = models.CharField(max_length=120)
    population = models.CharField(max_length=40)
    since = models.DateField()
    until = models.DateField()  # first day that is not sampled
    size = models.PositiveSmallIntegerField()
    points = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=PlanState, default=PlanState.PLANNED)
    planned_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    entry_id = models.UUIDField(null=True)  # the ledger's entry of the plan
    due_on = models.DateField()
    seed = models.CharField(max_length=64, blank=True, default="")
    checkpoint_size = models.BigIntegerField(null=True)
    population_size = models.PositiveIntegerField(null=True)
    drawn_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closing_signature = models.ForeignKey("compliance.Signature", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["-planned_at", "-id"], name="monitoringplan_planned_idx"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="monitoringplan_spans_days"),
            models.CheckConstraint(condition=Q(size__gt=0), name="monitoringplan_draws_something"),
            models.CheckConstraint(
                condition=Q(state=PlanState.PLANNED) | ~Q(seed="") & Q(drawn_at__isnull=False),
                name="monitoringplan_drawn_has_a_seed",
            ),
            models.CheckConstraint(
                condition=~Q(state=PlanState.CLOSED)
                | Q(closed_at__isnull=False, closing_signature__isnull=False),
                name="monitoringplan_closed_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MonitoringItem(Governed):
    """One drawn item: why it weighed what it weighed, and what a reviewer said of it."""

    plan = models.ForeignKey(MonitoringPlan, models.PROTECT, related_name="items")
    place = models.PositiveSmallIntegerField()
    subject = models.CharField(max_length=80)
    points = models.JSONField(default=list)
    tickets = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=64)
    result = models.CharField(max_length=8, choices=ReviewResult, default=ReviewResult.OPEN)
    remark = models.TextField(blank=True, default="")
    reviewed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    finding = models.ForeignKey("compliance.Finding", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "subject"], name="monitoringitem_is_drawn_once"),
            models.UniqueConstraint(fields=["plan", "place"], name="monitoringitem_place_is_unique"),
            models.CheckConstraint(
                condition=Q(result=ReviewResult.OPEN)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="monitoringitem_reviewed_says_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(result=ReviewResult.FINDING) | Q(finding__isnull=False) & ~Q(remark=""),
                name="monitoringitem_objected_opens_a_finding",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.place}"
