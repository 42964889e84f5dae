"""Which files of events are sealed, by which decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from activities.models import SealedProof
from doctors.selectors import erasure_numbers


@dataclass(frozen=True)
class Sealed:
    """A sealed file: since when, and the number of the request by which the doctor it names was erased."""

    id: UUID
    file: Any
    sealed_at: datetime
    decision: str


def sealed_of(file_ids: Iterable[UUID]) -> dict[UUID, Sealed]:
    """Return by file what sealed it first. Cost: two queries, one where nothing is sealed."""
    return _by_file(SealedProof.objects.filter(file__in=[pk for pk in file_ids if pk]))


def sealed_by_key(pk: UUID) -> Sealed | None:
    """Return one sealed file, or None. Cost: two queries."""
    return next(iter(_by_file(SealedProof.objects.filter(pk=pk)).values()), None)


def _by_file(rows: Any) -> dict[UUID, Sealed]:
    found = list(rows.select_related("file").order_by("sealed_at", "pk"))
    numbers = erasure_numbers({row.doctor_id for row in found}) if found else {}
    sealed: dict[UUID, Sealed] = {}
    for row in found:
        one = Sealed(row.pk, row.file, row.sealed_at, numbers.get(row.doctor_id, ""))
        sealed.setdefault(row.file_id, one)
    return sealed
