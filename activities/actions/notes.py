"""Notes that the never-store guard kept apart and two people gave back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from activities.models import Visit, VisitAmendment
from activities.selectors.visit_facts import (
    NOTE_OF_AMENDMENT,
    NOTE_OF_FOLLOW_UP,
    NOTE_OF_LATENESS,
    NOTE_OF_NEED,
    NOTE_OF_VISIT,
)
from compliance import actions as law
from doctors import actions as doctors
from doctors import selectors as doctor_selectors

from .apart import PLACEHOLDER
from .needs import write_need

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


@transaction.atomic
def restore_note(*, visit_id: UUID, kind: str, words: str, by: User, at: datetime) -> Visit:
    """Put a note back where it was written, once two people found the alarm false. The verdict of its day stands."""
    visit = Visit.objects.select_for_update(of=("self",)).get(pk=visit_id)
    rows = _put_back(visit, kind, words)
    if rows:
        law.record("activities.note_restored", subject=f"visit:{visit.pk}", by=by, at=at, rows=rows)
    return visit


def _put_back(visit: Visit, kind: str, words: str) -> list:
    """Write words where they stood, unless something stands there since. Returns: the rows written."""
    if kind == NOTE_OF_NEED:
        return write_need(visit, words, by=visit.rep)
    if kind == NOTE_OF_FOLLOW_UP:
        promise = visit.follow_ups.select_for_update().first()
        if promise is None or doctor_selectors.open_text(visit.doctor_id, promise.text_sealed) != PLACEHOLDER:
            return []
        promise.text_sealed = doctors.seal_text(visit.doctor_id, words)
        promise.save()
        return [promise]
    if kind == NOTE_OF_LATENESS and not visit.late_reason:
        visit.late_reason = words
    elif kind == NOTE_OF_VISIT and not visit.note_sealed:
        visit.note_hits = []
        visit.note_sealed = doctors.seal_text(visit.doctor_id, words)
    else:
        return []
    visit.save()
    return [visit]


@transaction.atomic
def restore_amendment(*, amendment_id: UUID, kind: str, words: str, by: User, at: datetime) -> VisitAmendment:
    """Put the words of a correction back beside it, once two people found the alarm false."""
    amendment = (
        VisitAmendment.objects.select_for_update(of=("self",)).select_related("visit").get(pk=amendment_id)
    )
    if kind != NOTE_OF_AMENDMENT or amendment.note_sealed:
        return amendment
    amendment.changes = {name: pair for name, pair in amendment.changes.items() if name != "note_hits"}
    amendment.note_sealed = doctors.seal_text(amendment.visit.doctor_id, words)
    amendment.save()
    law.record(
        "activities.note_restored", subject=f"visit:{amendment.visit_id}", by=by, at=at, rows=[amendment]
    )
    return amendment
