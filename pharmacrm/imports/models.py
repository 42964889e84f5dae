"""An import on its way: the job, its staged rows, what they became, and the mapping remembered for the next file."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import Job, StoredFile, TimeStamped

from .choices import ImportState, Outcome, RowState

USER = settings.AUTH_USER_MODEL


class ImportJob(TimeStamped):
    """One file of one kind, from upload to commit or undo."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=40)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    sheet = models.CharField(max_length=120, blank=True, default="")
    encoding = models.CharField(max_length=20, blank=True, default="")
    delimiter = models.CharField(max_length=2, blank=True, default="")
    header_row = models.PositiveIntegerField()
    header_height = models.PositiveSmallIntegerField(default=1)
    headers = models.JSONField(default=list)
    sample = models.JSONField(default=list)
    signature = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict, help_text=_("Place of the header, by column."))
    state = models.CharField(max_length=12, choices=ImportState, default=ImportState.MAPPING)
    rows_total = models.PositiveIntegerField(default=0)
    rows_good = models.PositiveIntegerField(default=0)
    rows_bad = models.PositiveIntegerField(default=0)
    rows_remarked = models.PositiveIntegerField(default=0)  # good ones of which something is not taken over
    outcomes = models.JSONField(default=dict)
    failure = models.TextField(blank=True, default="")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    asked_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    committed_at = models.DateTimeField(null=True)
    undo_until = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["asked_by", "-asked_at"], name="importjob_asked_by_idx")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=ImportState.COMMITTED) | Q(committed_at__isnull=False),
                name="importjob_committed_has_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """One staged row: text as given, values as read; faults by cell, and remarks, which do not block."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=4, choices=RowState)
    raw = models.JSONField()
    values = models.JSONField()
    faults = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(fields=["job", "state", "number"], name="importrow_job_state_idx"),
            models.Index(fields=["job", "number"], name="importrow_faults_idx", condition=~Q(faults=[])),
        ]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="importrow_number_is_unique")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.number}"


class ImportResult(models.Model):
    """What a row became; the ground for undo."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="results", db_index=False)
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=80)
    outcome = models.CharField(max_length=10, choices=Outcome)
    before = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["job", "number"], name="importresult_job_number_idx")]

    def __str__(self) -> str:
        return f"{self.subject} {self.outcome}"


class ImportAlias(TimeStamped):
    """What a wrong value of a column meant, said once by a person and remembered for the next file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=40)
    column = models.CharField(max_length=40)
    said = models.CharField(max_length=200)
    meant = models.CharField(max_length=200)
    told_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "column", "said"], name="importalias_is_told_once"),
            models.CheckConstraint(condition=~Q(said="") & ~Q(meant=""), name="importalias_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.column} {self.said}"


class ImportMapping(TimeStamped):
    """Which header means which column, remembered for files that look the same."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=40)
    signature = models.CharField(max_length=64)
    name = models.CharField(max_length=80, blank=True, default="")
    mapping = models.JSONField(help_text=_("Header by column."))
    used_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "signature"], name="importmapping_is_kept_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.signature[:12]
