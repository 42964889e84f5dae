"""Approvals: one request, its steps, and one inbox for all of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from compliance.choices import ApprovalState, StepMode, StepState
from compliance.flows import heading_of
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL
UNANSWERED = [StepState.OPEN, StepState.WAITING, StepState.NOT_NEEDED]


class ApprovalRequest(Governed):
    """A question put to other people; `flow` names what the answer sets off.

    `title` holds words of the asker's own, such as the name of an event; what a program calls it, its flow says.
    """

    flow = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    title = models.CharField(max_length=200, blank=True, default="")
    payload = models.JSONField(default=dict)
    content_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=ApprovalState, default=ApprovalState.OPEN)
    stage = models.PositiveSmallIntegerField(default=1)
    opened_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    urged_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "opened_at"], name="approvalrequest_subject_idx"),
            models.Index(
                fields=["due_at"], name="approvalrequest_open_due_idx", condition=Q(state=ApprovalState.OPEN)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["flow", "subject"],
                condition=Q(state=ApprovalState.OPEN),
                name="approvalrequest_open_once_for_a_subject",
            ),
            models.CheckConstraint(
                condition=Q(state=ApprovalState.OPEN, decided_at__isnull=True)
                | ~Q(state=ApprovalState.OPEN) & Q(decided_at__isnull=False),
                name="approvalrequest_decided_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.heading

    @property
    def heading(self) -> str:
        """What it is called, in the reader's language."""
        return heading_of(self.flow, self.payload, self.title)

    @property
    def line(self) -> Iterable[ApprovalStep]:
        """The steps in the order of their asking, each with its person and signature. Cost: at most one query."""
        if "steps" in getattr(self, "_prefetched_objects_cache", {}):
            return sorted(self.steps.all(), key=lambda step: (step.stage, step.pk))
        return self.steps.select_related("approver", "signature").order_by("stage", "pk")


class ApprovalStep(Governed):
    """One person's part of an answer. Steps of one stage stand side by side: all of them, or any one.

    A step may ask roles in place of a person: whoever of them answers first becomes its approver.
    """

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="steps")
    stage = models.PositiveSmallIntegerField(default=1)
    mode = models.CharField(max_length=8, choices=StepMode, default=StepMode.ALL)
    name = models.CharField(max_length=80, blank=True, default="")
    approver = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    roles = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    state = models.CharField(max_length=12, choices=StepState, default=StepState.WAITING)
    comment = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    added_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    passed_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    signature = models.ForeignKey("compliance.Signature", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(
                fields=["approver", "id"], name="approvalstep_inbox_idx", condition=Q(state=StepState.OPEN)
            ),
            models.Index(
                fields=["id"],
                name="approvalstep_roles_idx",
                condition=Q(state=StepState.OPEN, approver__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(approver__isnull=False) | ~Q(roles=[]), name="approvalstep_asks_somebody"
            ),
            models.CheckConstraint(
                condition=Q(approver__isnull=False) | Q(state__in=UNANSWERED),
                name="approvalstep_answered_by_a_person",
            ),
            models.UniqueConstraint(
                fields=["request", "stage", "approver"],
                condition=Q(state__in=[StepState.OPEN, StepState.WAITING]),
                name="approvalstep_asks_a_person_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.approver_id}"

    @property
    def agree_fields(self) -> tuple[tuple[str, str], ...]:
        """What the sign dialog posts unseen."""
        return (("verb", "agree"),)


class ApprovalCopy(Governed):
    """A person who is told of a request without having to answer."""

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="copies")
    recipient = models.ForeignKey(USER, models.PROTECT, related_name="+")
    copied_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    copied_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "approval copies"
        constraints = [
            models.UniqueConstraint(fields=["request", "recipient"], name="approvalcopy_is_unique")
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.recipient_id}"


class Deputy(Governed):
    """Somebody who answers for another over some days; both days count."""

    person = models.ForeignKey(USER, models.PROTECT, related_name="+")
    deputy = models.ForeignKey(USER, models.PROTECT, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    reason = models.CharField(max_length=200, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deputies"
        indexes = [
            models.Index(
                fields=["deputy", "last_day"], name="deputy_deputy_idx", condition=Q(ended_at__isnull=True)
            )
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("deputy")), name="deputy_is_somebody_else"),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="deputy_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=["person", "deputy", "first_day"],
                condition=Q(ended_at__isnull=True),
                name="deputy_is_named_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.deputy_id}"
