"""Rows that every app rests on: keys and moments, the outbox, stored files, long jobs, notifications."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .choices import JobState, OutboxState, ScanState
from .ids import uuid7
from .versions import VersionManager

USER = settings.AUTH_USER_MODEL


class TimeStamped(models.Model):
    """A row that knows when it was written and last changed; the database's clock says so."""

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class Governed(TimeStamped):
    """A row of record: UUIDv7 key, every version kept by django-simple-history."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    history = HistoricalRecords(inherit=True, history_manager=VersionManager)

    class Meta:
        abstract = True


class OutboxMessage(models.Model):
    """Work for later, written in the transaction it follows from. Redis only wakes a worker up."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task = models.CharField(max_length=120)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=OutboxState, default=OutboxState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    due_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], name="outboxmessage_open_due_idx", condition=~Q(state=OutboxState.DONE)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.id}"


class StoredFile(models.Model):
    """Bytes kept once under their SHA-256. Many records may point to one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=120)
    scan_state = models.CharField(max_length=12, choices=ScanState, default=ScanState.UNSCANNED)
    stored_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    stored_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="storedfile_sha256_is_hex"
            ),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class Job(TimeStamped):
    """Work a person waits for: percent, time left, cancel."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    subject = models.CharField(max_length=80, blank=True, default="")
    state = models.CharField(max_length=12, choices=JobState, default=JobState.WAITING)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    stage = models.CharField(max_length=120, blank=True, default="")
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")
    cancel_asked = models.BooleanField(default=False)
    asked_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["asked_by", "-created_at"], name="job_asked_by_created_idx")]

    def __str__(self) -> str:
        return str(self.get_state_display())

    @property
    def percent(self) -> int:
        return 100 if self.state == JobState.DONE else (self.done * 100 // self.total if self.total else 0)


class Notification(models.Model):
    """One line for one person, with the page where the next step is."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    recipient = models.ForeignKey(USER, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    text = models.JSONField(help_text=_("Words by language code."))
    url = models.CharField(max_length=300, blank=True, default="")
    subject = models.CharField(max_length=80, blank=True, default="")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["recipient", "-created_at"], name="notification_recipient_idx")]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "subject"],
                condition=~Q(subject=""),
                name="notification_said_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class IdempotencyKey(models.Model):
    """An answer kept with the effect it belongs to, so a repeated request gets it again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(USER, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotencykey_is_unique_for_user")
        ]

    def __str__(self) -> str:
        return self.key
