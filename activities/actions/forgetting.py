"""What events keep of a doctor who is erased: proofs and receipts are evidence about many people, and stay for their term, sealed."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from activities.models import Attendance, Event, EventProof, Expense, Invitation, SealedProof, Speaker
from compliance import actions as law
from compliance.subjects import Leaving, parts_of
from pharmacrm.common.choices import ScanState
from pharmacrm.common.files import holds_words


@transaction.atomic
def seal_proofs(leaving: Leaving) -> dict[str, int]:
    """Seal the proofs, receipts and approvals of the doctor's events that name the doctor. Returns: how many there are.

    They end with the event's own term; until then nobody reads them without a reason on record. Only files of events
    the doctor was asked to or came to are read. Safe to run twice. Cost: one pass over the bytes of these files.
    """
    kind, key = parts_of(leaving.subject)
    if kind != "doctor":
        return {}
    events: set[object] = set()
    for model in (Attendance, Invitation, Speaker):
        events |= set(model.objects.filter(doctor=key).values_list("event", flat=True))
    words = (*leaving.own_words, *leaving.names)
    files = {}
    for rows, name in (
        (EventProof.objects, "file"), (Expense.objects, "receipt"), (Speaker.objects, "hospital_approval"),
    ):  # fmt: skip
        found = rows.filter(event__in=Event.objects.filter(pk__in=events), **{f"{name}__isnull": False})
        for row in found.select_related(name):
            kept = getattr(row, name)
            if kept.scan_state != ScanState.ERASED:
                files[kept.pk] = kept
    named = sorted(pk for pk, one in files.items() if holds_words(one, words))
    standing = set(SealedProof.objects.filter(doctor=key, file__in=named).values_list("file", flat=True))
    fresh = [
        SealedProof.objects.create(file_id=pk, doctor_id=UUID(key), sealed_at=leaving.at)
        for pk in named
        if pk not in standing
    ]
    if fresh:
        law.record(
            "activities.proofs_sealed", subject=leaving.subject, by=leaving.by, at=leaving.at, rows=fresh
        )
    return {"proofs_left": len(named)}
