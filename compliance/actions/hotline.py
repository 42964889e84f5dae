"""The hotline: anybody reports, without a name if they wish, and comes back by a receipt code."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from compliance.actions.cases import note, open_case, open_case_of_team, subject_of
from compliance.actions.recording import record
from compliance.choices import CaseSource, CaseState, Concern, EvidenceKind
from compliance.models import Case, CaseEvidence, HotlineMessage, HotlineReport
from compliance.selectors.people import people_with_role
from pharmacrm.common.crypto import blind_index
from pharmacrm.common.errors import DomainError
from pharmacrm.common.files import store
from pharmacrm.common.notifications import notify

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that reads like another
CODE_LENGTH = 16
TRIAGE_WITHIN = timedelta(days=5)
MAX_BYTES = 20 * 1024 * 1024
MOST_FILES = 5
MOST_WORDS = 20_000


class NotReported(DomainError):
    """The report or message was not kept."""

    code = "not_reported"


@dataclass(frozen=True)
class Attachment:
    """One file somebody hands in: its name, kind and bytes."""

    name: str
    media_type: str
    chunks: Iterable[bytes]


@transaction.atomic
def report_concern(
    *,
    concern: str,
    words: str,
    at: datetime,
    contact: str = "",
    files: Sequence[Attachment] = (),
    by: Any = None,
) -> tuple[HotlineReport, str]:
    """Take a report in and open its case; nothing tells who it came from but what they wrote.

    `by` is the service account of another hotline that hands a report over; a reporter here is never known.

    Returns: the report, and the receipt code, which is shown once and kept as a keyed hash only.
    Raises: NotReported without words or with too many files; FileTooLarge. In every case nothing was kept.
    """
    if concern not in Concern.values:
        raise NotReported(_("Choose what it is about."), field="concern")
    if not words.strip():
        raise NotReported(_("Write what happened."), field="words")
    if len(files) > MOST_FILES:
        raise NotReported(_("At most %(n)d files.") % {"n": MOST_FILES}, field="files")
    with override("zh-hans"):  # titles are kept in the company's language
        title = _("Hotline: %(concern)s") % {"concern": Concern(concern).label}
    code = "".join(secrets.choice(LETTERS) for _place in range(CODE_LENGTH))
    case = open_case(
        kind="hotline",
        subject=f"hotline:{code_hash(code)}",
        title=title,
        by=None,
        at=at,
        due_at=at + TRIAGE_WITHIN,
        source=CaseSource.HOTLINE,
    )
    report = HotlineReport.objects.create(
        case=case,
        code_hash=code_hash(code),
        concern=concern,
        contact_sealed=case.sealed(contact.strip()),
        received_at=at,
    )
    message = _say(report, words, None, at)
    rows = [report, message, *_keep(case, files, at)]
    record("compliance.concern_reported", subject=subject_of(case), by=by, at=at, rows=rows)
    for officer in people_with_role("compliance"):
        notify(
            recipient=officer,
            kind="concern_reported",
            zh=f"热线收到一条新举报：{case.number}",
            en=f"The hotline took a new report: {case.number}",
            at=at,
            url=f"/compliance/cases/{case.pk}/",
            subject=subject_of(case),
        )
    return report, grouped(code)


@transaction.atomic
def answer_reporter(*, case_id: UUID, words: str, by: Any, at: datetime) -> HotlineMessage:
    """Write back to whoever reported; they read it when they return with their code. Raises: PermissionDenied, NotReported."""
    case = open_case_of_team(case_id, by)
    report = HotlineReport.objects.filter(case=case).first()
    if report is None:
        raise NotReported(_("This case did not come from the hotline."))
    if not words.strip():
        raise NotReported(_("Write an answer."), field="words")
    message = _say(report, words, by, at)
    row = note(case, "reporter_answered", "", by, at)
    record("compliance.reporter_answered", subject=subject_of(case), by=by, at=at, rows=[message, row])
    return message


@transaction.atomic
def write_again(*, code: str, words: str, at: datetime, files: Sequence[Attachment] = ()) -> HotlineMessage:
    """Take a further message from whoever holds the code. Raises: NotReported for an unknown code or a closed case."""
    report = report_of(code)
    if report is None:
        raise NotReported(_("No report has this code. Check it letter by letter."), field="code")
    case = Case.objects.select_for_update().get(pk=report.case_id)
    if case.state == CaseState.CLOSED:
        raise NotReported(_("This case is closed. Please make a new report."))
    if not words.strip():
        raise NotReported(_("Write what you want to add."), field="words")
    if len(files) > MOST_FILES:
        raise NotReported(_("At most %(n)d files.") % {"n": MOST_FILES}, field="files")
    message = _say(report, words, None, at)
    rows = [message, note(case, "reporter_wrote", "", None, at), *_keep(case, files, at)]
    record("compliance.reporter_wrote", subject=subject_of(case), by=None, at=at, rows=rows)
    for member in case.members.filter(removed_at__isnull=True).select_related("person"):
        notify(
            recipient=member.person,
            kind="reporter_wrote",
            zh=f"举报人在案件 {case.number} 中补充了内容",
            en=f"Whoever reported case {case.number} has written again",
            at=at,
            url=f"/compliance/cases/{case.pk}/",
            subject=f"hotlinemessage:{message.pk}",
        )
    return message


def report_of(code: str) -> HotlineReport | None:
    """Return the report of a receipt code, however it was typed, or None. Cost: one query by index."""
    return HotlineReport.objects.select_related("case").filter(code_hash=code_hash(code)).first()


def code_hash(code: str) -> str:
    """Return the keyed hash a receipt code is found by; spaces, hyphens and small letters do not matter."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return blind_index(plain, purpose="hotline-code")


def grouped(code: str) -> str:
    """Return a code in groups of four, as a person copies it."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _say(report: HotlineReport, words: str, by: Any, at: datetime) -> HotlineMessage:
    sealed = report.case.sealed(words.strip()[:MOST_WORDS])
    return HotlineMessage.objects.create(report=report, words_sealed=sealed, by=by, said_at=at)


def _keep(case: Case, files: Sequence[Attachment], at: datetime) -> list[CaseEvidence]:
    return [
        CaseEvidence.objects.create(
            case=case,
            kind=EvidenceKind.FILE,
            title_sealed=case.sealed(file.name[:200] or "file"),
            file=store(file.chunks, media_type=file.media_type, by=None, at=at, max_bytes=MAX_BYTES),
            added_at=at,
        )
        for file in files
    ]
