"""What was destroyed of a doctor who asked to be forgotten, what stays, why, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from doctors.models import Erasure, PrivacyRequest

PLACES = {
    "identity": gettext_lazy("Name and key"),
    "contacts": gettext_lazy("Numbers and addresses"),
    "assignments": gettext_lazy("Assignments to territories"),
    "import_rows": gettext_lazy("Rows of imported files"),
    "import_files": gettext_lazy("Imported files"),
    "packs": gettext_lazy("Inspector's packs"),
    "messages": gettext_lazy("Messages"),
    "jobs": gettext_lazy("Titles of jobs"),
    "answers": gettext_lazy("Kept answers to programs"),
    "files": gettext_lazy("Proofs of consent, attachments and evidence"),
    "case_files": gettext_lazy("Files kept apart in closed cases"),
    "lists": gettext_lazy("Names of lists"),
    "record_words": gettext_lazy("Words in records and their versions"),
    "reasons": gettext_lazy("Reasons in the ledger"),
    "kept_copies": gettext_lazy("Waiting work, answers to phones, staged rows"),
}
STAYING = {
    "files_of_others": gettext_lazy("Files that prove something about other doctors too"),
    "proofs_left": gettext_lazy(
        "Proofs and receipts of events that name the doctor, kept for their own term"
    ),
    "reasons_left": gettext_lazy("Reasons in entries written before reasons stood apart from the log"),
}
KEEPERS = {
    "hold": gettext_lazy("A hold"),
    "case": gettext_lazy("An open case"),
    "case_file": gettext_lazy("Files in an open case"),
    "pharmacovigilance": gettext_lazy("Pharmacovigilance records"),
    "accounting_voucher": gettext_lazy("Accounting vouchers"),
}


@dataclass(frozen=True)
class Kept:
    """One duty that keeps values of an erased doctor. `until` is empty while nobody can say."""

    what: str
    clause: str
    until: date | None
    count: int


@dataclass(frozen=True)
class Erased:
    """An erasure in words: what went, by place; what stays as it is; and what is put away, by duty."""

    state: str
    label: str
    at: datetime
    removed: tuple[tuple[str, int], ...]
    staying: tuple[tuple[str, int], ...]
    keeps: tuple[Kept, ...]
    until: date | None

    @property
    def summary(self) -> str:
        """Return in one sentence how much went."""
        total = sum(count for _place, count in self.removed)
        return ngettext("%(n)d value was destroyed.", "%(n)d values were destroyed.", total) % {"n": total}


def erasure_of(doctor_id: UUID) -> Erased | None:
    """Return the erasure of a doctor, or None. Cost: one query."""
    row = Erasure.objects.filter(doctor=doctor_id).first()
    if row is None:
        return None
    return Erased(
        state=row.state,
        label=row.get_state_display(),
        at=row.erased_at,
        removed=tuple((str(PLACES.get(place, place)), n) for place, n in row.removed.items() if place not in STAYING),
        staying=tuple((str(words), row.removed[place]) for place, words in STAYING.items() if row.removed.get(place)),
        keeps=tuple(
            Kept(
                str(KEEPERS.get(one["what"], _("Another duty"))),
                one["clause"],
                date.fromisoformat(one["until"]) if one["until"] else None,
                one["count"],
            )
            for one in row.keeps
        ) if row.state == "frozen" else (),
        until=row.frozen_until,
    )  # fmt: skip


def erasure_numbers(doctor_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return by doctor the number of the request in which the erasure was decided. Cost: two queries."""
    asked = dict(Erasure.objects.filter(doctor__in=list(doctor_ids)).values_list("doctor", "asked_in"))
    requests = PrivacyRequest.objects.filter(pk__in=[pk for pk in asked.values() if pk])
    numbers = dict(requests.values_list("pk", "number"))
    return {doctor: numbers.get(pk, "") for doctor, pk in asked.items()}
