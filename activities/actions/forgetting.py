"""What events keep of a doctor who is erased: proofs and receipts are evidence about many people, and stay for their term."""

from __future__ import annotations

from activities.models import Attendance, Event, EventProof, Expense, Invitation, Speaker
from compliance.subjects import Leaving, parts_of
from pharmacrm.common.choices import ScanState
from pharmacrm.common.files import holds_words


def count_proofs_left(leaving: Leaving) -> dict[str, int]:
    """Return how many proofs, receipts and approvals of the doctor's events name the doctor. Nothing is changed.

    They end with the event's own term; until then the request's page says that they are there. Only files of events the
    doctor was asked to or came to are read. Cost: one pass over the bytes of these files.
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
    return {"proofs_left": sum(1 for one in files.values() if holds_words(one, words))}
