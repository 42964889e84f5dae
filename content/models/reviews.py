"""Pre-check findings, review rounds with their three seats, and annotations."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from content.choices import AnnotationKind, FindingState, RoundOutcome, SeatDecision, SeatRole, Severity
from pharmacrm.common.models import Governed

from .materials import MaterialFile, MaterialVersion

USER = settings.AUTH_USER_MODEL


class PrecheckFinding(Governed):
    """One hit of the pre-check in a file: rule, span, severity, and what the author answered."""

    file = models.ForeignKey(MaterialFile, models.PROTECT, related_name="findings")
    rule = models.CharField(max_length=24)
    severity = models.CharField(max_length=8, choices=Severity)
    page = models.PositiveSmallIntegerField(default=0)  # 0 = the whole file
    start = models.PositiveIntegerField(default=0)
    end = models.PositiveIntegerField(default=0)
    quote = models.TextField(blank=True, default="")
    state = models.CharField(max_length=12, choices=FindingState, default=FindingState.OPEN)
    answer = models.TextField(blank=True, default="")
    answered_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["file", "severity", "state"], name="precheckfinding_open_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=FindingState.OPEN) | Q(answered_by__isnull=False),
                name="precheckfinding_closed_says_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(state=FindingState.ANSWERED) | ~Q(answer=""),
                name="precheckfinding_answered_says_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.page}"


class ReviewRound(Governed):
    """One passage of a file through the three reviews."""

    version = models.ForeignKey(MaterialVersion, models.PROTECT, related_name="rounds")
    file = models.ForeignKey(MaterialFile, models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=12, choices=RoundOutcome, default=RoundOutcome.OPEN)
    opened_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["outcome", "due_at"], name="reviewround_open_due_idx")]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="reviewround_number_is_unique"),
            models.UniqueConstraint(
                fields=["version"], condition=Q(outcome="open"), name="reviewround_open_is_one"
            ),
            models.CheckConstraint(
                condition=Q(outcome=RoundOutcome.OPEN, closed_at__isnull=True)
                | (~Q(outcome=RoundOutcome.OPEN) & Q(closed_at__isnull=False)),
                name="reviewround_closed_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} #{self.number}"


class ReviewSeat(Governed):
    """One of the three who sign in a round. One person takes one seat, and never the author."""

    round = models.ForeignKey(ReviewRound, models.PROTECT, related_name="seats")
    role = models.CharField(max_length=12, choices=SeatRole)
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=8, choices=SeatDecision, default=SeatDecision.WAITING)
    decided_at = models.DateTimeField(null=True)
    signature = models.UUIDField(null=True)
    signed_sha256 = models.CharField(max_length=64, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    pages_seen = models.JSONField(default=list)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["reviewer", "decision"], name="reviewseat_reviewer_idx")]
        constraints = [
            models.UniqueConstraint(fields=["round", "role"], name="reviewseat_role_once_in_a_round"),
            models.UniqueConstraint(
                fields=["round", "reviewer"],
                condition=Q(reviewer__isnull=False),
                name="reviewseat_one_person_one_seat",
            ),
            models.CheckConstraint(
                condition=Q(reviewer__isnull=True) | ~Q(reviewer=F("author")),
                name="reviewseat_author_does_not_review",
            ),
            models.CheckConstraint(
                condition=~Q(decision=SeatDecision.AGREED)
                | (
                    Q(reviewer__isnull=False, decided_at__isnull=False, signature__isnull=False)
                    & ~Q(signed_sha256="")
                ),
                name="reviewseat_agreed_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.decision}"


class Annotation(Governed):
    """A remark on a page: a region (0–1 of the page), a quotation with its surroundings, or both."""

    file = models.ForeignKey(MaterialFile, models.PROTECT, related_name="annotations")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=AnnotationKind)
    text = models.TextField()
    page = models.PositiveSmallIntegerField()
    left = models.FloatField(null=True)
    top = models.FloatField(null=True)
    right = models.FloatField(null=True)
    bottom = models.FloatField(null=True)
    quote = models.TextField(blank=True, default="")
    prefix = models.CharField(max_length=120, blank=True, default="")
    suffix = models.CharField(max_length=120, blank=True, default="")
    rule = models.CharField(max_length=24, blank=True, default="")
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    carried_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="carried_to")
    is_moved = models.BooleanField(default=False)  # found again at another place: a person has to look
    resolved_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)
    resolution = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["file", "page"], name="annotation_file_page_idx")]
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="annotation_number_is_unique"),
            models.CheckConstraint(condition=~Q(text=""), name="annotation_says_something"),
            models.CheckConstraint(
                condition=Q(left__isnull=True, top__isnull=True, right__isnull=True, bottom__isnull=True)
                | Q(
                    left__gte=0,
                    top__gte=0,
                    right__lte=1,
                    bottom__lte=1,
                    right__gt=F("left"),
                    bottom__gt=F("top"),
                ),
                name="annotation_region_is_inside_its_page",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True) | Q(resolved_by__isnull=False),
                name="annotation_resolved_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class AnnotationReply(Governed):
    """An answer under an annotation."""

    annotation = models.ForeignKey(Annotation, models.PROTECT, related_name="replies")
    text = models.TextField()
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="annotationreply_says_something")]

    def __str__(self) -> str:
        return self.text[:40]
