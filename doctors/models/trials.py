"""What another model would change, tried on everybody, and how a model behaves: figures only, no live score moves."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from doctors.choices import RunState, Tier, TrialKind
from pharmacrm.common.models import Governed

from .doctors import Doctor
from .segmentation import ScoringRun, SegmentationModel

USER = settings.AUTH_USER_MODEL


class ScoringTrial(Governed):
    """One what-if, or one evaluation: a specification, the run it was held against, and the figures that came out."""

    model = models.ForeignKey(SegmentationModel, models.PROTECT, related_name="trials")
    kind = models.CharField(max_length=10, choices=TrialKind, default=TrialKind.WHAT_IF)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.WAITING)
    spec = models.JSONField(default=dict)
    spec_digest = models.CharField(max_length=64)
    baseline = models.ForeignKey(ScoringRun, models.PROTECT, null=True, related_name="+")
    as_of = models.DateField()
    job = models.ForeignKey("common.Job", models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    result = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["model", "kind", "-created_at"], name="scoringtrial_model_idx")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=RunState.DONE) | Q(finished_at__isnull=False),
                name="scoringtrial_done_has_its_moment",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.model_id}"


class TrialMove(models.Model):
    """A doctor whom a what-if would move. Kept only where the model has an impact assessment. Source: PIPL 55."""

    id = models.BigAutoField(primary_key=True)
    trial = models.ForeignKey(ScoringTrial, models.CASCADE, related_name="movers", db_index=False)
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    tier_before = models.CharField(max_length=10, choices=Tier, blank=True)
    tier_after = models.CharField(max_length=10, choices=Tier)
    score_bp = models.SmallIntegerField()

    class Meta:
        indexes = [
            models.Index(
                fields=["trial", "tier_before", "tier_after", "-score_bp"], name="trialmove_moves_idx"
            ),
            models.Index(fields=["trial", "-score_bp", "-id"], name="trialmove_order_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.tier_before} {self.tier_after}"

    @property
    def score_text(self) -> str:
        """The score in points."""
        return f"{self.score_bp / 100:.2f}"
