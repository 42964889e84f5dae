"""Scoring models, their runs, and the tiers that follow: every figure keeps what it was made from."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from doctors.choices import (
    CohortBy,
    Cut,
    ModelState,
    OverrideReason,
    OverrideState,
    RunKind,
    RunState,
    Tier,
    TierReason,
)
from doctors.rules.segmentation import MAX_FEATURES, FeatureSpec, ModelSpec
from pharmacrm.common.models import Governed

from .doctors import Doctor

USER = settings.AUTH_USER_MODEL


class SegmentationModel(Governed):
    """One version of the scoring model. Once assessed its figures stand; a change is a new version.

    `features` is a list of {key, weight_bp, transform, cap, half_life_days}; the order is the order of all figures.
    """

    version = models.CharField(_("Version"), max_length=32, unique=True)
    state = models.CharField(max_length=10, choices=ModelState, default=ModelState.DRAFT)
    features = models.JSONField(default=list)
    influence_bp = models.PositiveSmallIntegerField(default=4000)
    potential_bp = models.PositiveSmallIntegerField(default=3500)
    willingness_bp = models.PositiveSmallIntegerField(default=2500)
    cut = models.CharField(max_length=6, choices=Cut, default=Cut.LINE)
    core_cut_bp = models.PositiveSmallIntegerField(default=7500)
    potential_cut_bp = models.PositiveSmallIntegerField(default=5000)
    hysteresis_bp = models.PositiveSmallIntegerField(default=200)
    min_cohort = models.PositiveSmallIntegerField(default=30)
    cohort_by = models.CharField(max_length=16, choices=CohortBy, default=CohortBy.SPECIALTY_LEVEL)
    min_known = models.PositiveSmallIntegerField(default=0)  # features known, else basic
    landmark_on = models.DateField()  # interactions before this day do not count
    digest = models.CharField(max_length=64, blank=True, default="")
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    impact_assessment = models.CharField(max_length=60, blank=True, default="")
    assessed_on = models.DateField(null=True)
    assessed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    activated_at = models.DateTimeField(null=True)
    activated_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    signature = models.ForeignKey("compliance.Signature", models.PROTECT, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=ModelState.ACTIVE), name="segmentationmodel_one_is_active"
            ),
            models.CheckConstraint(
                condition=Q(influence_bp=10_000 - F("potential_bp") - F("willingness_bp")),
                name="segmentationmodel_dimensions_sum_to_one",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ModelState.ASSESSED, ModelState.ACTIVE])
                | (Q(assessed_on__isnull=False, assessed_by__isnull=False) & ~Q(impact_assessment="")),
                name="segmentationmodel_live_is_assessed",
            ),
            models.CheckConstraint(
                condition=~Q(state=ModelState.ACTIVE)
                | Q(activated_at__isnull=False, activated_by__isnull=False),
                name="segmentationmodel_active_is_signed",
            ),
            models.CheckConstraint(
                condition=~Q(activated_by=F("author")), name="segmentationmodel_two_people"
            ),
            models.CheckConstraint(condition=Q(min_cohort__gte=2), name="segmentationmodel_cohort_has_two"),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def spec(self) -> ModelSpec:
        """The plain values that decide a score."""
        return ModelSpec(
            features=tuple(FeatureSpec(**feature) for feature in self.features),
            influence_bp=self.influence_bp,
            potential_bp=self.potential_bp,
            willingness_bp=self.willingness_bp,
            cut=self.cut,
            core_cut_bp=self.core_cut_bp,
            potential_cut_bp=self.potential_cut_bp,
            hysteresis_bp=self.hysteresis_bp,
            min_cohort=self.min_cohort,
            landmark_on=self.landmark_on.isoformat(),
            cohort_by=self.cohort_by,
            min_known=self.min_known,
        )


class ScoringRun(Governed):
    """One scoring of the doctors with one model, and all that is needed to repeat it.

    A full run ranks everybody. A daytime run holds the doctors touched since, placed in the frozen distribution of
    the full run it is `based_on`; for a full run `based_on` is the one whose tiers it had to keep by hysteresis.
    """

    model = models.ForeignKey(SegmentationModel, models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=8, choices=RunKind, default=RunKind.FULL)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.WAITING)
    based_on = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    as_of = models.DateField()
    job = models.ForeignKey("common.Job", models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    manifest = models.JSONField(default=dict)
    input_digest = models.CharField(max_length=64, blank=True, default="")
    result_digest = models.CharField(max_length=64, blank=True, default="")
    doctor_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    core_line_bp = models.IntegerField(null=True)
    potential_line_bp = models.IntegerField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at"], name="scoringrun_created_idx"),
            models.Index(
                fields=["kind", "-published_at"],
                name="scoringrun_published_idx",
                condition=Q(published_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=RunState.DONE) | Q(core_line_bp__isnull=False, finished_at__isnull=False),
                name="scoringrun_done_has_its_lines",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(state=RunState.DONE),
                name="scoringrun_published_is_done",
            ),
            models.UniqueConstraint(
                fields=["based_on"], condition=Q(kind=RunKind.DAYTIME), name="scoringrun_one_daytime_on_top"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.as_of}"


class RunCohort(models.Model):
    """A group of doctors ranked among themselves in one run; `*` where small groups were put together."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ScoringRun, models.CASCADE, related_name="cohorts")
    number = models.PositiveSmallIntegerField()
    specialty = models.CharField(max_length=80)
    band = models.CharField(max_length=1)
    size = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="runcohort_number_is_unique"),
            models.UniqueConstraint(fields=["run", "specialty", "band"], name="runcohort_is_named_once"),
        ]

    def __str__(self) -> str:
        return f"{self.specialty} {self.band}"


class DoctorScore(models.Model):
    """One doctor's score in one run. `raw`, `below` and `contribution` follow the order of the model's features.

    `below` is how many colleagues of the cohort have a smaller value. Made from facts, never edited, kept without
    row history: the run's digest covers every row. A million rows are written at once from a join over the doctors,
    so the keys carry no foreign-key checks of their own, here and in the tables below.
    """

    pk = models.CompositePrimaryKey("run_id", "doctor_id")
    run = models.ForeignKey(
        ScoringRun, models.CASCADE, related_name="scores", db_index=False, db_constraint=False
    )
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    cohort = models.PositiveSmallIntegerField()
    score_bp = models.SmallIntegerField()
    tier = models.CharField(max_length=10, choices=Tier)
    raw = ArrayField(models.IntegerField())
    below = ArrayField(models.IntegerField())
    contribution = ArrayField(models.SmallIntegerField())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    score_bp=RawSQL(  # noqa: S611 - constant text
                        " + ".join(f"coalesce(contribution[{i}], 0)" for i in range(1, MAX_FEATURES + 1)), ()
                    )
                ),
                name="doctorscore_contributions_add_up",
            ),
            models.CheckConstraint(
                condition=Q(score_bp__gte=-10_000, score_bp__lte=10_000), name="doctorscore_is_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.score_bp}"


class ReferenceDistribution(models.Model):
    """Frozen ranks of a full run: how many of a cohort lie below each value of a feature. Every value is listed."""

    pk = models.CompositePrimaryKey("run_id", "cohort", "feature", "value")
    run = models.ForeignKey(ScoringRun, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    cohort = models.PositiveSmallIntegerField()
    feature = models.PositiveSmallIntegerField()  # place in the model's order, from 1
    value = models.IntegerField()
    below = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.cohort}/{self.feature}: {self.value}"


class EngagementBuild(models.Model):
    """The engagement sums of a model are complete up to an interaction; without this row they are built anew."""

    model = models.OneToOneField(SegmentationModel, models.CASCADE, primary_key=True, related_name="+")
    through_id = models.BigIntegerField()
    built_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.model_id} {self.through_id}"


class EngagementState(models.Model):
    """Forward-decayed engagement of one doctor under one model: one whole number for each engagement feature."""

    pk = models.CompositePrimaryKey("model_id", "doctor_id")
    model = models.ForeignKey(
        SegmentationModel, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    strength = ArrayField(models.BigIntegerField())

    def __str__(self) -> str:
        return f"{self.model_id} {self.doctor_id}"


class TouchedDoctor(models.Model):
    """A doctor whose facts or interactions changed since the last scoring."""

    doctor = models.OneToOneField(Doctor, models.PROTECT, primary_key=True, related_name="+")
    touched_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.doctor_id)


class TierOverride(Governed):
    """A tier set by a person instead of the score: asked by one, approved by another, until a day."""

    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="tier_overrides")
    tier = models.CharField(max_length=10, choices=Tier)
    reason = models.CharField(max_length=20, choices=OverrideReason)
    sealed_note = models.BinaryField(null=True)  # free text about the person, under the person's key
    state = models.CharField(max_length=10, choices=OverrideState, default=OverrideState.ASKED)
    asked_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    valid_until = models.DateField()  # first day on which the score decides again

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(decided_by=F("asked_by")), name="tieroverride_two_people"),
            models.CheckConstraint(
                condition=Q(state__in=[OverrideState.ASKED, OverrideState.ENDED])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="tieroverride_decided_is_signed",
            ),
            models.UniqueConstraint(
                fields=["doctor"],
                condition=Q(state__in=[OverrideState.ASKED, OverrideState.APPROVED]),
                name="tieroverride_one_is_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["valid_until"],
                name="tieroverride_live_until_idx",
                condition=Q(state=OverrideState.APPROVED),
            ),
            models.Index(fields=["state", "-asked_at"], name="tieroverride_state_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.tier}"


class TierAssignment(models.Model):
    """Which tier a doctor held from when, and why. Rows are added, never changed; the newest holds."""

    id = models.BigAutoField(primary_key=True)
    doctor = models.ForeignKey(
        Doctor, models.PROTECT, related_name="tier_history", db_index=False, db_constraint=False
    )
    tier = models.CharField(max_length=10, choices=Tier, blank=True)  # "" for not profiled
    tier_before = models.CharField(max_length=10, choices=Tier, blank=True)
    reason = models.CharField(max_length=16, choices=TierReason)
    score_bp = models.SmallIntegerField(null=True)
    run = models.ForeignKey(
        ScoringRun, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    override = models.ForeignKey(TierOverride, models.PROTECT, null=True, related_name="+", db_index=False)
    since = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["doctor", "-id"], name="tierassignment_doctor_idx"),
            BrinIndex(fields=["since"], name="tierassignment_since_brin"),
            models.Index(
                fields=["run", "tier_before", "tier"],
                name="tierassignment_run_moves_idx",
                condition=~Q(tier_before=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.tier}"
