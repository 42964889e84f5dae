"""Read the words of a proof before it is one: a page that holds what may not be stored is kept apart in a case."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction

from activities.models import Event, EventProof
from compliance import actions as law
from compliance.facts import NoteFacts
from compliance.rules import categories_of, scan_text
from compliance.selectors import is_released
from content import actions as content
from pharmacrm.common.errors import Refused
from pharmacrm.common.files import erase_bytes, open_verified
from pharmacrm.common.models import StoredFile

from .parts import subject_of

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

PLACE = "event.proof"
# Bills name their number, their amount and who pays: words of sales are no alarm in a proof.
LOOKED_FOR = frozenset({"prescription_counts", "gift", "patient_identity"})
PDF = "application/pdf"


def judge_proof(event: Event, file: StoredFile, *, name: str, by: User, at: datetime, max_bytes: int) -> None:
    """Ask the law about the words of a PDF proof. Call outside the transaction of the act that keeps it.

    Raises: FileNotTaken for a file under a password; Refused, with the case in which the file is kept apart. A file
    that names patients is not kept at all. What cannot be read otherwise is left to the eye of the reviewer.
    Cost: one process that reads the file. Source: MR-11, HC-02 (统方); PI-23; promise C8.
    """
    if file.media_type != PDF or EventProof.objects.filter(file=file).exists():
        return
    try:
        pages = content.words_of_pdf(file)
    except content.FileNotTaken as unread:
        if unread.reason == "encrypted":
            raise
        return
    found = []
    for number, words in enumerate(pages, start=1):
        hits = [one for one in scan_text(words) if one.category in LOOKED_FOR]
        hits = [one for one in hits if not is_released("note", PLACE, one.words)]
        if hits:
            found.append(law.RefusedColumn(f"p. {number}", categories_of(hits)))
    if not found:
        return
    categories = tuple(dict.fromkeys(category for one in found for category in one.categories))
    facts = NoteFacts(place=PLACE, categories=categories)
    verdict = law.judge("note.accept", facts, subject=subject_of(event), by=by, at=at)
    if not verdict.breached:
        return
    refusal = Refused(verdict)
    with tempfile.TemporaryDirectory(prefix="pharmacrm-proof-") as folder, transaction.atomic():
        path = Path(folder) / "proof"
        with open_verified(file) as handle, path.open("wb") as copy:
            shutil.copyfileobj(handle, copy)
        case = law.keep_file_apart(
            verdict, path=path, file_name=name, columns=tuple(found), by=by, at=at, max_bytes=max_bytes
        )
        if "patient_identity" in categories:
            erase_bytes(file)  # the case holds its digest alone (PI-23)
        refusal.case_number, refusal.is_recorded = case.number, True
    raise refusal
