"""What stands in a case: its team, evidence, measures, reports to authorities, letters, and the hotline's way back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from compliance.choices import (
    Authority,
    Concern,
    EvidenceKind,
    LetterAudience,
    LetterState,
    MeasureKind,
    MeasureState,
)
from compliance.models.cases import Case
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class CaseMember(Governed):
    """A person who may open a case. A case without a team is open to every officer until one takes it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="members")
    person = models.ForeignKey(USER, models.PROTECT, related_name="+")
    added_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["person", "case"], name="casemember_active_idx", condition=Q(removed_at__isnull=True)
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person"],
                condition=Q(removed_at__isnull=True),
                name="casemember_is_on_the_team_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.person_id}"


class CaseEvidence(Governed):
    """One piece of evidence: a file, a statement, or a receipt that the ledger gave for an entry."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=12, choices=EvidenceKind)
    title_sealed = models.BinaryField()
    words_sealed = models.BinaryField(null=True)
    file = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")
    entry_id = models.UUIDField(null=True)  # of the ledger; it refers to no row by foreign key
    added_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "case evidence"
        indexes = [models.Index(fields=["case", "added_at"], name="caseevidence_case_at_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=EvidenceKind.STATEMENT, words_sealed__isnull=False)
                | Q(kind=EvidenceKind.FILE, file__isnull=False)
                | Q(kind=EvidenceKind.LEDGER, file__isnull=False, entry_id__isnull=False),
                name="caseevidence_is_there",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"

    @property
    def title(self) -> str:
        return self.case.opened(self.title_sealed)

    @property
    def words(self) -> str:
        return self.case.opened(self.words_sealed)


class Measure(Governed):
    """A corrective or preventive action: what, by whom, by when, done and verified by a second person."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="measures")
    kind = models.CharField(max_length=12, choices=MeasureKind)
    text_sealed = models.BinaryField()
    owner = models.ForeignKey(USER, models.PROTECT, related_name="+")
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=MeasureState, default=MeasureState.OPEN)
    done_at = models.DateTimeField(null=True)
    done_sealed = models.BinaryField(null=True)
    checked_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    check_sealed = models.BinaryField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["owner", "due_on"],
                name="measure_open_owner_idx",
                condition=Q(state=MeasureState.OPEN),
            ),
            models.Index(fields=["case", "due_on"], name="measure_case_due_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[MeasureState.DONE, MeasureState.VERIFIED])
                | Q(done_at__isnull=False, done_sealed__isnull=False),
                name="measure_done_says_what_was_done",
            ),
            models.CheckConstraint(
                condition=~Q(state=MeasureState.VERIFIED)
                | Q(checked_at__isnull=False, checked_by__isnull=False) & ~Q(checked_by=models.F("owner")),
                name="measure_verified_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"

    @property
    def text(self) -> str:
        return self.case.opened(self.text_sealed)

    @property
    def done_words(self) -> str:
        return self.case.opened(self.done_sealed)

    @property
    def check_words(self) -> str:
        return self.case.opened(self.check_sealed)


class AuthorityReport(Governed):
    """Whether, why and when a case is reported to one authority, and under which number it was taken (MR-19)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="reports")
    authority = models.CharField(max_length=12, choices=Authority)
    office = models.CharField(max_length=80, blank=True, default="")
    basis = models.CharField(max_length=200)
    due_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    reported_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=80, blank=True, default="")
    reported_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "authority"], name="authorityreport_is_made_once"),
            models.CheckConstraint(
                condition=Q(reported_at__isnull=True) | Q(reported_by__isnull=False) & ~Q(reference=""),
                name="authorityreport_made_has_a_reference",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} {self.case_id}"


class CaseLetter(Governed):
    """A text that leaves the company about a case: drafted, approved by others, then sent on a named way."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="letters")
    audience = models.CharField(max_length=10, choices=LetterAudience)
    title_sealed = models.BinaryField()
    body_sealed = models.BinaryField()
    state = models.CharField(max_length=10, choices=LetterState, default=LetterState.DRAFT)
    drafted_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    approved_sha256 = models.CharField(max_length=64, blank=True, default="")
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    sent_how = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["case", "drafted_at"], name="caseletter_case_at_idx")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[LetterState.APPROVED, LetterState.SENT]) | ~Q(approved_sha256=""),
                name="caseletter_approved_is_fixed",
            ),
            models.CheckConstraint(
                condition=~Q(state=LetterState.SENT)
                | Q(sent_at__isnull=False, sent_by__isnull=False) & ~Q(sent_how=""),
                name="caseletter_sent_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audience} {self.case_id}"

    @property
    def title(self) -> str:
        return self.case.opened(self.title_sealed)

    @property
    def body(self) -> str:
        return self.case.opened(self.body_sealed)


class HotlineReport(Governed):
    """What somebody told the hotline, who need not say who they are. The receipt code is kept as a keyed hash only."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="hotline")
    code_hash = models.CharField(max_length=32, unique=True)
    concern = models.CharField(max_length=12, choices=Concern)
    contact_sealed = models.BinaryField(null=True)
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.concern

    @property
    def contact(self) -> str:
        return self.case.opened(self.contact_sealed)


class HotlineMessage(Governed):
    """One message between the case team and whoever reported; `by` is None for the reporter."""

    report = models.ForeignKey(HotlineReport, models.PROTECT, related_name="messages")
    words_sealed = models.BinaryField()
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["report", "said_at"], name="hotlinemessage_report_at_idx")]

    def __str__(self) -> str:
        return str(self.report_id)

    @property
    def words(self) -> str:
        return self.report.case.opened(self.words_sealed)
