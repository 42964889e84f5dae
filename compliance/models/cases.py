"""Findings, and the cases that handle them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from compliance.choices import CaseRisk, CaseSource, CaseState, Conclusion, FindingState, Grade
from pharmacrm.common.crypto import seal, unseal, unwrap_key
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class Case(Governed):
    """A matter being handled: open → held → investigating → correcting → closed.

    What people write in a case is sealed under the case's own key, so histories and exports show it to nobody:
    only the case's pages open it, for its team. `root_cause` and `correction` held plain words once and are kept
    for the versions of that time.
    """

    number = models.CharField(max_length=20, blank=True, default="")
    source = models.CharField(max_length=12, choices=CaseSource, default=CaseSource.PERSON)
    risk = models.CharField(max_length=8, choices=CaseRisk, blank=True, default="")
    data_key = models.BinaryField(null=True, editable=False)
    triage_sealed = models.BinaryField(null=True)
    triaged_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    triaged_at = models.DateTimeField(null=True)
    plan_sealed = models.BinaryField(null=True)
    cause_sealed = models.BinaryField(null=True)
    correction_sealed = models.BinaryField(null=True)
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
            ),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="case_number_is_unique"),
            models.CheckConstraint(
                condition=Q(triaged_at__isnull=True) | Q(triaged_by__isnull=False) & ~Q(risk=""),
                name="case_triaged_says_who_and_how_grave",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}" if self.number else self.title

    def _key(self) -> bytes | None:
        return bytes(self.data_key) if self.data_key else None

    def sealed(self, words: str) -> bytes | None:
        """Return words as they are kept; None for none."""
        return seal(words.encode(), key=unwrap_key(self._key()), context=b"case") if words else None

    def opened(self, sealed: bytes | memoryview | None) -> str:
        """Return kept words; that they are destroyed, after the case's key was."""
        if not sealed:
            return ""
        if not self.data_key:
            return gettext("(destroyed by two signatures)")
        return unseal(bytes(sealed), key=unwrap_key(self._key()), context=b"case").decode()

    @property
    def cause_words(self) -> str:
        return self.opened(self.cause_sealed) or self.root_cause

    @property
    def correction_words(self) -> str:
        return self.opened(self.correction_sealed) or self.correction

    @property
    def triage_words(self) -> str:
        return self.opened(self.triage_sealed)

    @property
    def plan_words(self) -> str:
        return self.opened(self.plan_sealed)


class Finding(Governed):
    """Something that needs a person: what, under which rule, how grave, on what evidence, by when."""

    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    rule = models.CharField(max_length=40, blank=True, default="")
    grade = models.CharField(max_length=8, choices=Grade)
    evidence = models.JSONField(default=dict)
    mark = models.CharField(max_length=64, blank=True, default="")  # what a detector opens once
    conclusion = models.CharField(max_length=12, choices=Conclusion, blank=True, default="")
    concluded_sealed = models.BinaryField(null=True)
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
            models.UniqueConstraint(
                fields=["mark"], condition=~Q(mark=""), name="finding_mark_is_opened_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @property
    def concluded_words(self) -> str:
        return self.case.opened(self.concluded_sealed) if self.case else ""


class CaseAction(Governed):
    """One step in a case: a comment, a hand-over, a hold, a move."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="actions")
    kind = models.CharField(max_length=24)
    text = models.TextField(blank=True, default="")
    text_sealed = models.BinaryField(null=True)
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "done_at"], name="caseaction_case_at_idx")]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"

    @property
    def words(self) -> str:
        return self.case.opened(self.text_sealed) or self.text
