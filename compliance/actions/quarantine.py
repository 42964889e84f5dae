"""A file whose columns may not exist: its bytes are kept apart in a case, once for each file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from compliance.choices import CaseSource, CaseState, EvidenceKind, Grade
from compliance.evaluate import Verdict
from compliance.models import Case, CaseEvidence, Finding
from compliance.selectors.people import people_with_role
from pharmacrm.common.files import store
from pharmacrm.common.notifications import notify

from .cases import note, open_case
from .findings import open_finding
from .recording import record

KIND = "compliance.quarantined_file"
KEPT = frozenset({"prescription_counts", "sales", "gift"})
CHUNK = 1024 * 1024
MARK_CHARS = 56  # of the digest; what follows counts the cases a file had


@transaction.atomic
def keep_file_apart(
    verdict: Verdict, *, path: Path, file_name: str, by: Any, at: datetime, max_bytes: int
) -> Case:
    """Keep a refused file's bytes in a case of their own, where only the officers of the case open them.

    The same bytes again come to the case that stands, and its finding counts them; after that case was closed a new
    one is opened. Raises: FileTooLarge. Cost: two passes over the bytes. Source: MR-11, HC-02 (统方); promise C8.
    """
    digest = _sha256(path)
    mark = digest[:MARK_CHARS]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"quarantine:{mark}"])
    earlier = Finding.objects.select_for_update(of=("self",)).select_related("case")
    kept = list(earlier.filter(mark__startswith=f"{mark}.", kind=KIND).order_by("opened_at", "pk"))
    finding, case = (kept[-1], kept[-1].case) if kept else (None, None)
    if finding is None or case is None or case.state == CaseState.CLOSED:
        return _open(verdict, path, digest, f"{mark}.{len(kept)}", file_name, by, at, max_bytes)
    times = int(finding.evidence.get("times", 1)) + 1
    finding.evidence = _evidence(verdict, times)
    finding.save()
    row = note(case, "came_again", str(times), by, at)
    record("compliance.file_quarantined", subject=f"case:{case.pk}", by=by, at=at, rows=[finding, row])
    return case


def _open(
    verdict: Verdict, path: Path, digest: str, mark: str, file_name: str, by: Any, at: datetime, max_bytes: int
) -> Case:  # fmt: skip
    rule = next((one for one in verdict.refusals if one.blocks), None)
    with path.open("rb") as handle:
        stored = store(
            _chunks(handle), media_type="application/octet-stream", by=by, at=at, max_bytes=max_bytes
        )
    finding = open_finding(
        kind=KIND,
        subject=f"file:{digest[:12]}",  # the import itself never came to be
        rule=rule.rule if rule else "",
        grade=rule.grade if rule else Grade.BAN,
        evidence=_evidence(verdict, 1),
        by=None,
        at=at,
        mark=mark,
    )
    case = open_case(
        kind=KIND,
        subject=f"file:{digest[:12]}",  # the import itself never came to be
        title=f"{rule.rule if rule else ''} {digest[:12]}".strip(),
        by=None,
        at=at,
        finding=finding,
        source=CaseSource.DETECTOR,
    )
    row = CaseEvidence.objects.create(
        case=case,
        kind=EvidenceKind.FILE,
        title_sealed=case.sealed(file_name[-200:] or digest[:12]),
        file=stored,
        added_by=by if getattr(by, "pk", None) else None,
        added_at=at,
    )
    step = note(case, "evidence", str(EvidenceKind.FILE.value), by if getattr(by, "pk", None) else None, at)
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


def is_kept_apart(verdict: Verdict) -> bool:
    """Return whether a refused file is kept: what names patients or relatives is refused and not kept at all."""
    return verdict.point == "column.accept" and bool(KEPT & set(verdict.facts.get("categories", ())))


def _evidence(verdict: Verdict, times: int) -> dict[str, Any]:
    header = verdict.facts.get("header", "")
    return {
        "text": {
            "zh": f"列“{header}”不得导入；文件已隔离，共送来 {times} 次",
            "en": f"Column “{header}” may not be imported; the file is kept apart, sent {times} time(s)",
        },
        "times": times,
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _chunks(handle: Any) -> Iterable[bytes]:
    return iter(lambda: handle.read(CHUNK), b"")
