"""Destroy the key of a closed case: what people wrote in it, and its files, are gone; that it was, and how it ended, stays."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from compliance.choices import CaseState
from compliance.models import Case, CaseEvidence
from pharmacrm.common.choices import ScanState
from pharmacrm.common.files import erase_bytes

from .recording import record


@transaction.atomic
def destroy_case_key(key: str, by: Any, at: datetime, run_id: UUID) -> None:
    """Destroy a closed case's key in its row and every version, and the bytes of its files, in a run that two people signed.

    A file that is evidence in another case too stays. Safe to run twice. Raises: IntegrityError from the database for a
    case that is not closed or a run without both signatures; nothing has changed.
    """
    case = Case.objects.select_for_update().get(pk=UUID(key))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version, before, after FROM compliance_destroy_case_key(%s, %s)",
            [str(run_id), str(case.pk)],
        )
        changed = cursor.fetchall()
    if not changed:
        return
    masked = []
    for version, before, after in changed:
        said = {"model": "compliance.case", "pk": str(case.pk), "history_id": version}
        masked += [
            {**said, "sha256": before, "operation": "destroyed"},
            {**said, "sha256": after, "operation": "masked"},
        ]
    gone = _destroy_files(case)
    record(
        "compliance.case_key_destroyed", subject=f"case:{case.pk}", by=by, at=at,
        reason=f"retention:{run_id}; files {gone}", masked=masked,
    )  # fmt: skip


def _destroy_files(case: Case) -> int:
    own = CaseEvidence.objects.filter(case=case, file__isnull=False).exclude(
        file__scan_state=ScanState.ERASED
    )
    shared = set(
        CaseEvidence.objects.exclude(case=case)
        .filter(file__in=own.values("file"))
        .values_list("file", flat=True)
    )
    files = {row.file_id: row.file for row in own.select_related("file") if row.file_id not in shared}
    for file in files.values():
        if file:
            erase_bytes(file)
    return len(files)


def may_be_destroyed(case: Case) -> bool:
    """Return whether a case still has a key that may go: it is closed."""
    return case.state == CaseState.CLOSED and bool(case.data_key)
