"""The ledger: one entry for each act, the verdict it was done under, and the log that commits to both."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from compliance.choices import VerificationResult
from pharmacrm.common.ids import uuid7

USER = settings.AUTH_USER_MODEL


class StoredVerdict(models.Model):
    """A verdict as it was given: rules, parameters and facts, so it can be replayed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    point = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    pack = models.CharField(max_length=40)
    allows = models.BooleanField()
    breached = models.JSONField(default=list)
    body = models.JSONField()
    judged_at = models.DateTimeField()
    judged_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["subject", "judged_at"], name="storedverdict_subject_idx"),
            models.Index(
                fields=["judged_at"],
                name="storedverdict_held_idx",
                condition=models.Q(breached__contains=["HOLD-01"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point} {self.subject}"


class LedgerEntry(models.Model):
    """One act: what, on what, by whom, when, under which verdict, and the hashes of the rows it wrote.

    `rows` is a list of {model, pk, history_id, sha256}; `log.canonical` says what the leaf commits to. The leaf holds
    `reason_sha256` and not the words, which go with the person they name: `compliance_erase_reasons` alone blanks them.
    No other table refers to an entry by a foreign key, so the table can be partitioned by `at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.PositiveSmallIntegerField(default=1)
    event = models.CharField(max_length=80)
    subject = models.CharField(max_length=80)
    actor = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=80, blank=True, default="")
    actor_roles = models.JSONField(default=list)
    at = models.DateTimeField()
    device_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")
    reason_salt = models.CharField(max_length=32, blank=True, default="", db_default="")
    reason_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    verdict = models.ForeignKey(StoredVerdict, models.PROTECT, null=True, related_name="entries")
    rows = models.JSONField(default=list)

    class Meta:
        verbose_name_plural = "ledger entries"
        indexes = [
            models.Index(fields=["subject", "at"], name="ledgerentry_subject_at_idx"),
            models.Index(fields=["event", "at"], name="ledgerentry_event_at_idx"),
            models.Index(fields=["actor", "at"], name="ledgerentry_actor_at_idx"),
            models.Index(fields=["at", "id"], name="ledgerentry_at_id_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.subject}"


class RowIntake(models.Model):
    """A row version that triggers saw in a running transaction and no ledger entry has claimed yet.

    `kind` is "version" for an append-only row written (history, verdict, signature) and "live" for a changed
    row of a governed table whose history row has not followed. What is left after the commit went round the
    actions: the sealer accounts for it and opens a finding.
    """

    id = models.BigAutoField(primary_key=True)
    transaction_id = models.BigIntegerField()
    kind = models.CharField(max_length=8)
    table_name = models.CharField(max_length=63)
    row_pk = models.CharField(max_length=64)
    history_id = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    operation = models.CharField(max_length=8)
    database_user = models.CharField(max_length=63)
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(
                fields=["transaction_id", "kind", "table_name", "row_pk"], name="rowintake_transaction_idx"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.table_name} {self.row_pk}"


class UnsealedEntry(models.Model):
    """An entry that waits for its leaf number; a trigger puts it here in the entry's own transaction."""

    entry_id = models.UUIDField(primary_key=True)

    def __str__(self) -> str:
        return str(self.entry_id)


class LedgerLeaf(models.Model):
    """The leaf number of an entry, and the RFC 6962 hash of its canonical bytes."""

    number = models.BigIntegerField(primary_key=True)
    entry_id = models.UUIDField(unique=True)
    leaf_hash = models.BinaryField()
    marks = models.BinaryField(
        default=bytes, help_text="Four bytes for each field, to say which one changed."
    )

    def __str__(self) -> str:
        return f"#{self.number}"


class TreeNode(models.Model):
    """The root of a full subtree of 256^level leaves: what proofs and the next checkpoint start from."""

    id = models.BigAutoField(primary_key=True)
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    node_hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="treenode_is_unique")]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Checkpoint(models.Model):
    """A signed statement of the log's size and root. Source: C2SP tlog-checkpoint, signed-note."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    size = models.BigIntegerField(unique=True)
    root = models.BinaryField()
    note = models.TextField()
    signed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-signed_at"], name="checkpoint_signed_at_idx")]

    def __str__(self) -> str:
        return f"{self.size} {self.signed_at:%Y-%m-%d %H:%M}"


class Anchor(models.Model):
    """A checkpoint left at a place the database's owner does not control."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="anchors")
    place = models.CharField(max_length=300)
    anchored_at = models.DateTimeField()
    error = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["place", "-anchored_at"], name="anchor_place_at_idx")]

    def __str__(self) -> str:
        return f"{self.place} {self.checkpoint_id}"


class Verification(models.Model):
    """One run of the whole check: what was compared, how many differences it found, and the first of them by name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    result = models.CharField(max_length=12, choices=VerificationResult)
    entries = models.BigIntegerField()
    rows = models.BigIntegerField()
    erased = models.BigIntegerField(default=0, help_text="Versions that a recorded act destroyed.")
    checkpoint_size = models.BigIntegerField()
    differences = models.JSONField(default=list)
    counts = models.JSONField(default=dict)  # table → kind → how many, named or not
    asked_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="verification_started_at_idx")]

    def __str__(self) -> str:
        return f"{self.result} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def total(self) -> int:
        """How many differences there are; a run from before they were counted has those it names."""
        return sum(sum(kinds.values()) for kinds in self.counts.values()) or len(self.differences)

    @property
    def unnamed(self) -> int:
        """How many differences are counted and not named."""
        return self.total - len(self.differences)


class TableShape(models.Model):
    """The columns a table of row versions had from some moment on, so old hashes can still be recomputed."""

    table_name = models.CharField(max_length=63)
    columns = models.JSONField()
    first_seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table_name", "columns"], name="tableshape_is_unique")]

    def __str__(self) -> str:
        return self.table_name
