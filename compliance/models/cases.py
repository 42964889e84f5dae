"""Findings, and the cases that handle them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from compliance.choices import CaseState, FindingState, Grade
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class Case(Governed):
    """A matter being handled: open → held → investigating → correcting → closed."""

    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=16, choices=CaseState, default=CaseState.OPEN)
    owner = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    opened_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    root_cause = models.TextField(blank=True, default="")
    correction = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    closing_signature = models.ForeignKey("compliance.Signature", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["subject", "opened_at"], name="case_subject_opened_idx"),
            models.Index(fields=["due_at"], name="case_open_due_idx", condition=~Q(state=CaseState.CLOSED)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=CaseState.CLOSED)
                | Q(closed_at__isnull=False, closing_signature__isnull=False),
                name="case_closed_is_signed",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Finding(Governed):
    """Something that needs a person: what, under which rule, how grave, on what evidence, by when."""

    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    rule = models.CharField(max_length=40, blank=True, default="")
    grade = models.CharField(max_length=8, choices=Grade)
    evidence = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=FindingState, default=FindingState.OPEN)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="findings")
    opened_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    settlement = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["subject", "opened_at"], name="finding_subject_opened_idx"),
            models.Index(fields=["due_at"], name="finding_open_due_idx", condition=Q(state="open")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=FindingState.SETTLED) | Q(settled_at__isnull=False) & ~Q(settlement=""),
                name="finding_settled_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state=FindingState.IN_CASE) | Q(case__isnull=False),
                name="finding_in_case_has_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class CaseAction(Governed):
    """One step in a case: a comment, a hand-over, a hold, a move."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="actions")
    kind = models.CharField(max_length=16)
    text = models.TextField(blank=True, default="")
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "done_at"], name="caseaction_case_at_idx")]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"
