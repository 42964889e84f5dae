"""Work in a case: findings and conclusions, evidence, reports to authorities."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.cases import CaseNotMoved, note, open_case_for, open_case_of_team, subject_of
from compliance.actions.recording import record
from compliance.choices import (
    Authority,
    Conclusion,
    EvidenceKind,
    FindingState,
    Grade,
)
from compliance.models import AuthorityReport, CaseEvidence, Finding, LedgerEntry
from compliance.selectors.log import NotSealedYet, receipt_of
from pharmacrm.common.errors import DomainError
from pharmacrm.common.files import store
from pharmacrm.common.models import StoredFile

MAX_BYTES = 20 * 1024 * 1024


class EvidenceNotKept(DomainError):
    """The evidence was not kept; nothing has changed."""

    code = "evidence_not_kept"


@transaction.atomic
def add_case_finding(
    *, case_id: UUID, words: str, grade: str, by: Any, at: datetime, rule: str = ""
) -> Finding:
    """Write down what the investigation found. It waits for its conclusion. Raises: PermissionDenied, DomainError."""
    case = open_case_for(case_id, by)
    if not words.strip():
        raise DomainError(_("Write what was found."), field="words")
    if grade not in Grade.values:
        raise DomainError(_("Choose a grade."), field="grade")
    finding = Finding.objects.create(
        kind="investigation",
        subject=case.subject,
        rule=rule.strip(),
        grade=grade,
        state=FindingState.IN_CASE,
        case=case,
        concluded_sealed=case.sealed(words.strip()),
        opened_by=by,
        opened_at=at,
    )
    row = note(case, "found", "", by, at)
    record("compliance.case_finding_added", subject=subject_of(case), by=by, at=at, rows=[finding, row])
    return finding


@transaction.atomic
def conclude_finding(
    *, case_id: UUID, finding_id: UUID, conclusion: str, words: str, by: Any, at: datetime
) -> Finding:
    """Say of a finding whether the investigation confirms it, and why. Raises: PermissionDenied, DomainError."""
    case = open_case_for(case_id, by)
    finding = Finding.objects.select_for_update().get(pk=finding_id, case=case)
    if conclusion not in Conclusion.values:
        raise DomainError(_("Choose a conclusion."), field="conclusion")
    said = words.strip() or finding.concluded_words
    if not said:
        raise DomainError(_("Say what the conclusion rests on."), field="words")
    finding.conclusion, finding.concluded_sealed = conclusion, case.sealed(said)
    finding.save()
    row = note(case, "concluded", conclusion, by, at)
    record("compliance.case_finding_concluded", subject=subject_of(case), by=by, at=at, rows=[finding, row])
    return finding


@transaction.atomic
def add_statement(*, case_id: UUID, title: str, words: str, by: Any, at: datetime) -> CaseEvidence:
    """Keep what somebody said as evidence. Raises: PermissionDenied, EvidenceNotKept."""
    if not words.strip():
        raise EvidenceNotKept(_("Write what was said, by whom and when."), field="words")
    return _keep(case_id, EvidenceKind.STATEMENT, title, by, at, words=words.strip())


@transaction.atomic
def add_evidence_file(
    *,
    case_id: UUID,
    title: str,
    chunks: Iterable[bytes],
    media_type: str,
    by: Any,
    at: datetime,
    words: str = "",
) -> CaseEvidence:
    """Keep a file under its SHA-256 as evidence. Raises: PermissionDenied, EvidenceNotKept, FileTooLarge."""
    file = store(chunks, media_type=media_type, by=by, at=at, max_bytes=MAX_BYTES)
    return _keep(case_id, EvidenceKind.FILE, title, by, at, words=words.strip(), file=file)


@transaction.atomic
def add_ledger_receipt(
    *, case_id: UUID, entry_id: UUID, by: Any, at: datetime, words: str = ""
) -> CaseEvidence:
    """Keep the receipt of a ledger entry: it proves the act to an outsider even if this database is gone.

    Raises: PermissionDenied; EvidenceNotKept for no entry, or one the log has not sealed yet.
    """
    entry = LedgerEntry.objects.filter(pk=entry_id).first()
    if entry is None:
        raise EvidenceNotKept(_("There is no such entry in the ledger."), field="entry_id")
    try:
        receipt = receipt_of(entry)
    except NotSealedYet as early:
        raise EvidenceNotKept(
            _("The ledger has not sealed this entry yet. Try again in a minute."), field="entry_id"
        ) from early
    body = json.dumps(receipt, ensure_ascii=False, indent=1).encode()
    file = store([body], media_type="application/json", by=by, at=at, max_bytes=MAX_BYTES)
    title = f"{entry.event} {localtime(entry.at):%Y-%m-%d %H:%M}"
    return _keep(
        case_id, EvidenceKind.LEDGER, title, by, at, words=words.strip(), file=file, entry_id=entry.pk
    )


@transaction.atomic
def decide_report(
    *,
    case_id: UUID,
    authority: str,
    basis: str,
    by: Any,
    at: datetime,
    office: str = "",
    due_at: datetime | None = None,
) -> AuthorityReport:
    """Decide that an authority is told of a case, on what basis and by when. Raises: PermissionDenied, DomainError."""
    case = open_case_for(case_id, by)
    if authority not in Authority.values:
        raise DomainError(_("Choose an authority."), field="authority")
    if not basis.strip():
        raise DomainError(_("Name the clause or reason."), field="basis")
    try:
        with transaction.atomic():
            report = AuthorityReport.objects.create(
                case=case, authority=authority, basis=basis.strip(), office=office.strip(), due_at=due_at,
                decided_by=by, decided_at=at,
            )  # fmt: skip
    except IntegrityError as clash:
        raise DomainError(_("A report to this authority is decided already."), field="authority") from clash
    row = note(case, "report_decided", authority, by, at)
    record("compliance.report_decided", subject=subject_of(case), by=by, at=at, rows=[report, row])
    return report


@transaction.atomic
def make_report(
    *, report_id: UUID, reference: str, reported_at: datetime, by: Any, at: datetime
) -> AuthorityReport:
    """Enter that an authority was told, when, and the number it gave. Raises: PermissionDenied, DomainError."""
    case_id = AuthorityReport.objects.values_list("case_id", flat=True).get(pk=report_id)
    case = open_case_for(case_id, by)
    report = AuthorityReport.objects.select_for_update(of=("self",)).get(pk=report_id)
    if report.reported_at is not None:
        raise DomainError(_("This report was entered before."))
    if not reference.strip():
        raise DomainError(_("Enter the number or the name of who took it."), field="reference")
    if reported_at > at:
        raise DomainError(_("A report cannot be made in the future."), field="reported_at")
    report.reported_at, report.reference, report.reported_by = reported_at, reference.strip(), by
    report.save()
    row = note(case, "reported", report.authority, by, at)
    record("compliance.report_made", subject=subject_of(case), by=by, at=at, rows=[report, row])
    return report


def _keep(
    case_id: UUID, kind: str, title: str, by: Any, at: datetime, *, words: str = "", file: StoredFile | None = None,
    entry_id: UUID | None = None,
) -> CaseEvidence:  # fmt: skip
    case = open_case_of_team(case_id, by)
    if not title.strip():
        raise EvidenceNotKept(_("Give it a title."), field="title")
    if kind == EvidenceKind.LEDGER and not permissions.can_read_ledger(by):
        raise PermissionDenied
    row = CaseEvidence.objects.create(
        case=case,
        kind=kind,
        title_sealed=case.sealed(title.strip()),
        words_sealed=case.sealed(words),
        file=file,
        entry_id=entry_id,
        added_by=by,
        added_at=at,
    )
    step = note(case, "evidence", str(EvidenceKind(kind).value), by, at)
    record("compliance.evidence_added", subject=subject_of(case), by=by, at=at, rows=[row, step])
    return row


__all__ = [
    "CaseNotMoved", "EvidenceNotKept", "add_case_finding", "add_evidence_file",
    "add_ledger_receipt", "add_statement", "conclude_finding", "decide_report",
    "make_report",
]  # fmt: skip
