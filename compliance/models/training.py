"""Courses as they are taught: versions, what each person read and answered, who has to take what until when."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from compliance.choices import AttemptState, CourseState, DutyCause, DutyState
from pharmacrm.common.models import Governed

from .qualification import Course

USER = settings.AUTH_USER_MODEL


class CourseVersion(Governed):
    """One version of a course, as one signed document. What is published never changes; a new version is a new row.

    `content` is the shape of compliance.rules.courses. `edited_by` are all who wrote in it: none of them publishes it.
    """

    course = models.ForeignKey(Course, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=CourseState, default=CourseState.DRAFT)
    content = models.JSONField(default=dict)
    drawn = models.PositiveSmallIntegerField(default=6)
    pass_mark = models.PositiveSmallIntegerField(default=80)
    attempts = models.PositiveSmallIntegerField(default=2)
    cool_down_hours = models.PositiveSmallIntegerField(default=24)
    months_valid = models.PositiveSmallIntegerField(default=12)
    is_material = models.BooleanField(default=True)
    what_changed = models.CharField(max_length=300, blank=True, default="")
    product_codes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    drafted_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    edited_by = ArrayField(models.UUIDField(), default=list)
    published_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    signature = models.ForeignKey("compliance.Signature", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="courseversion_number_is_unique"),
            models.UniqueConstraint(
                fields=["course"], condition=Q(state="published"), name="courseversion_one_is_published"
            ),
            models.UniqueConstraint(
                fields=["course"], condition=Q(state="draft"), name="courseversion_one_is_drafted"
            ),
            models.CheckConstraint(
                condition=~Q(published_by=F("drafted_by")), name="courseversion_two_people"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(published_by__isnull=False, signature__isnull=False),
                name="courseversion_published_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course} v{self.number}"


class CourseFile(Governed):
    """A PDF of a version's chapters, by the hash of its bytes."""

    version = models.ForeignKey(CourseVersion, models.PROTECT, related_name="files")
    stored = models.ForeignKey("common.StoredFile", models.PROTECT, related_name="+")
    name = models.CharField(max_length=160)

    def __str__(self) -> str:
        return self.name


class Learning(Governed):
    """One person in one version: the chapters read, the exercises answered."""

    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    version = models.ForeignKey(CourseVersion, models.PROTECT, related_name="+")
    read = ArrayField(models.CharField(max_length=12), default=list)
    answers = models.JSONField(default=dict)  # key of an exercise → place of the choice
    began_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "version"], name="learning_once_for_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.version_id}"


class QuizAttempt(Governed):
    """One try of a version's quiz: what was drawn by which seed, what was answered, how it ended.

    The seed is the log's newest root, hashed with person, version and number: nobody chooses it, everybody can draw again.
    """

    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    version = models.ForeignKey(CourseVersion, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    checkpoint_size = models.BigIntegerField(default=0)
    seed = models.CharField(max_length=64)
    questions = ArrayField(models.CharField(max_length=12))
    state = models.CharField(max_length=12, choices=AttemptState, default=AttemptState.OPEN)
    answers = models.JSONField(default=dict)  # key of a question → places of the chosen options
    points = models.PositiveSmallIntegerField(null=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "version", "number"], name="quizattempt_number_is_unique"
            ),
            models.UniqueConstraint(
                fields=["user", "version"], condition=Q(state="open"), name="quizattempt_one_is_open"
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(points__isnull=False, ended_at__isnull=False),
                name="quizattempt_ended_has_points",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.version_id} #{self.number}"


class TrainingDuty(Governed):
    """One person has to take one course until the end of a day, because of something. One at a time stands open."""

    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, models.PROTECT, related_name="+")
    cause = models.CharField(max_length=12, choices=DutyCause)
    about = models.CharField(max_length=80, blank=True, default="")  # subject of what changed
    assigned_on = models.DateField()
    due_on = models.DateField()  # the last day on which it is in time
    state = models.CharField(max_length=12, choices=DutyState, default=DutyState.OPEN)
    ended_on = models.DateField(null=True)
    certificate = models.ForeignKey("compliance.Certificate", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "course"], condition=Q(state="open"), name="trainingduty_one_is_open"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(certificate__isnull=False), name="trainingduty_done_is_proven"
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="trainingduty_state_due_idx")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.course_id}"
