"""Notes that the never-store guard kept apart and two people gave back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from activities.models import Visit, VisitAmendment
from activities.selectors.visit_facts import NOTE_OF_AMENDMENT, NOTE_OF_VISIT
from compliance import actions as law
from doctors import actions as doctors

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


@transaction.atomic
def restore_note(*, visit_id: UUID, kind: str, words: str, by: User, at: datetime) -> Visit:
    """Put a note back where it was written, once two people found the alarm false. The verdict of its day stands."""
    visit = Visit.objects.select_for_update(of=("self",)).get(pk=visit_id)
    if kind != NOTE_OF_VISIT or visit.note_sealed:
        return visit
    visit.note_hits = []
    visit.note_sealed = doctors.seal_text(visit.doctor_id, words)
    visit.save()
    law.record("activities.note_restored", subject=f"visit:{visit.pk}", by=by, at=at, rows=[visit])
    return visit


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
