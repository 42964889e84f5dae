"""End the archive of a material version: its bytes go, the row, its digest and who approved it stay with what showed it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from compliance import actions as law
from content.selectors.archive import files_of_version
from pharmacrm.common.files import erase_bytes


@transaction.atomic
def end_archive(key: str, by: Any, at: datetime, run_id: UUID) -> None:
    """Destroy the bytes of a version in a run that two people signed. Safe to run twice."""
    files = files_of_version(key)
    for one in files:
        erase_bytes(one)
    said = ", ".join(one.sha256[:12] for one in files)
    law.record(
        "content.archive_ended", subject=f"material:{key}", by=by, at=at, reason=f"retention:{run_id}; {said}"
    )
