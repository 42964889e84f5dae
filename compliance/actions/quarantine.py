"""A file whose columns may not exist: its bytes are kept apart in a case, once for each file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from compliance.choices import CaseSource, CaseState, EvidenceKind, Grade
from compliance.evaluate import Verdict
from compliance.models import Case, CaseEvidence, Finding
from compliance.selectors.people import people_with_role
from pharmacrm.common.files import store
from pharmacrm.common.notifications import notify

from .cases import note, open_case
from .findings import open_finding
from .recording import record, record_refusal

KIND = "compliance.quarantined_file"
KEPT = frozenset({"prescription_counts", "sales", "gift"})
NOT_KEPT = frozenset({"patient_identity"})
CHUNK = 1024 * 1024
MARK_CHARS = 56  # of the digest; what follows counts the cases a file had


@dataclass(frozen=True)
class RefusedColumn:
    """A column of a refused file: its header, and what it would hold."""

    header: str
    categories: tuple[str, ...]


@transaction.atomic
def keep_file_apart(
    verdict: Verdict,
    *,
    path: Path,
    file_name: str,
    by: Any,
    at: datetime,
    max_bytes: int,
    columns: tuple[RefusedColumn, ...] = (),
) -> Case:
    """Record the refusal and keep the refused file's bytes in a case of their own, all in one transaction.

    Only the officers of the case open the bytes. A file that names patients as well is not kept: the case then holds its
    digest and its headers, since nobody here may hold who the patients are (PI-23).

    The same bytes again come to the case that stands, and its finding counts them; after that case was closed a new
    one is opened. Raises: FileTooLarge. Cost: two passes over the bytes. Source: MR-11, HC-02 (统方); promise C8.
    """
    record_refusal(verdict, subject=verdict.subject, by=by, at=at)
    sent = _Sent(path, _sha256(path), file_name, columns)
    mark = sent.digest[:MARK_CHARS]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"quarantine:{mark}"])
    earlier = Finding.objects.select_for_update(of=("self",)).select_related("case")
    kept = list(earlier.filter(mark__startswith=f"{mark}.", kind=KIND).order_by("opened_at", "pk"))
    finding, case = (kept[-1], kept[-1].case) if kept else (None, None)
    if finding is None or case is None or case.state == CaseState.CLOSED:
        return _open(verdict, sent, f"{mark}.{len(kept)}", by, at, max_bytes)
    times = int(finding.evidence.get("times", 1)) + 1
    finding.evidence = _evidence(verdict, sent, times)
    finding.save()
    row = note(case, "came_again", str(times), by, at)
    record("compliance.file_quarantined", subject=f"case:{case.pk}", by=by, at=at, rows=[finding, row])
    return case


@dataclass(frozen=True)
class _Sent:
    path: Path
    digest: str
    file_name: str
    columns: tuple[RefusedColumn, ...]

    @property
    def may_be_kept(self) -> bool:
        return not any(NOT_KEPT & set(one.categories) for one in self.columns)


def _open(verdict: Verdict, sent: _Sent, mark: str, by: Any, at: datetime, max_bytes: int) -> Case:
    rule = next((one for one in verdict.refusals if one.blocks), None)
    digest = sent.digest
    finding = open_finding(
        kind=KIND,
        subject=f"file:{digest[:12]}",  # the import itself never came to be
        rule=rule.rule if rule else "",
        grade=rule.grade if rule else Grade.BAN,
        evidence=_evidence(verdict, sent, 1),
        by=None,
        at=at,
        mark=mark,
    )
    case = open_case(
        kind=KIND,
        subject=f"file:{digest[:12]}",  # the import itself never came to be
        title=_("Refused file %(digest)s, %(rule)s")
        % {"digest": digest[:12], "rule": rule.rule if rule else "—"},
        by=None,
        at=at,
        finding=finding,
        source=CaseSource.DETECTOR,
    )
    person = by if getattr(by, "pk", None) else None
    row = CaseEvidence.objects.create(
        case=case,
        title_sealed=case.sealed(sent.file_name[-200:] or digest[:12]),
        added_by=person,
        added_at=at,
        **_kept(case, sent, person, at, max_bytes),
    )
    step = note(case, "evidence", str(row.kind), person, at)
    record("compliance.file_quarantined", subject=f"case:{case.pk}", by=by, at=at, rows=[row, step])
    for officer in people_with_role("compliance"):
        if officer.pk != getattr(by, "pk", None):
            notify(
                recipient=officer,
                kind="compliance.file_quarantined",
                zh=f"一份导入文件被隔离，已立案 {case.number}",
                en=f"A file for import was kept apart; case {case.number} was opened",
                at=at,
                url=f"/compliance/cases/{case.pk}/",
                subject=f"case:{case.pk}",
            )
    return case


def _kept(case: Case, sent: _Sent, by: Any, at: datetime, max_bytes: int) -> dict[str, Any]:
    """Return the bytes as evidence; or words about them where they may not be kept."""
    if sent.may_be_kept:
        with sent.path.open("rb") as handle:
            kind = "application/octet-stream"
            stored = store(_chunks(handle), media_type=kind, by=by, at=at, max_bytes=max_bytes)
        return {"kind": EvidenceKind.FILE, "file": stored}
    headers = ", ".join(one.header for one in sent.columns)
    words = _("The file names patients and was not kept. SHA-256 %(digest)s; where: %(headers)s") % {
        "digest": sent.digest,
        "headers": headers,
    }
    return {"kind": EvidenceKind.STATEMENT, "words_sealed": case.sealed(words)}


def is_kept_apart(verdict: Verdict) -> bool:
    """Return whether a refused file is kept: what names patients or relatives is refused and not kept at all."""
    return verdict.point == "column.accept" and bool(KEPT & set(verdict.facts.get("categories", ())))


def _evidence(verdict: Verdict, sent: _Sent, times: int) -> dict[str, Any]:
    headers = [one.header for one in sent.columns] or [str(verdict.facts.get("header", ""))]
    zh, en = ("”“".join(headers), "”, “".join(headers))
    if verdict.point == "note.accept":  # a document: its pages, not its columns
        away = ("，文件含患者身份，未保存原件", "names patients and was not kept")
        apart = ("，文件已隔离", "is kept apart")
        end = apart if sent.may_be_kept else away
        return {
            "text": {
                "zh": f"文件“{zh}”含不得保存的内容{end[0]}，共送来 {times} 次",
                "en": f"Of a file, “{en}” holds what may not be stored; the file {end[1]}, sent {times} time(s)",
            },
            "times": times,
        }
    if not sent.may_be_kept:
        return {
            "text": {
                "zh": f"列“{zh}”不得导入；文件含患者身份，未保存原件，共送来 {times} 次",
                "en": f"Column “{en}” may not be imported; the file names patients and was not kept, sent {times} time(s)",
            },
            "times": times,
        }
    return {
        "text": {
            "zh": f"列“{zh}”不得导入；文件已隔离，共送来 {times} 次",
            "en": f"Column “{en}” may not be imported; the file is kept apart, sent {times} time(s)",
        },
        "times": times,
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _chunks(handle: Any) -> Iterable[bytes]:
    return iter(lambda: handle.read(CHUNK), b"")
