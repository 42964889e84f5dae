"""What of doctors is over its term: names that the law kept of erased doctors, and consents that were replaced."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from compliance import subjects
from compliance.retention import Disposal
from compliance.selectors.keeping import moment_of, next_keys
from doctors.models import ConsentRecord, FrozenIdentity
from pharmacrm.common.models import StoredFile


def names_kept_too_long(before: date, after: str, most: int) -> list[str]:
    """Return the next erased doctors whose name nothing keeps on a day, in key order. Cost: a few queries for each name kept."""
    at = datetime.combine(before, time.max, tzinfo=timezone.get_default_timezone())
    rows = FrozenIdentity.objects.filter(pk__gt=UUID(after)) if after else FrozenIdentity.objects.all()
    found: list[str] = []
    for pk in rows.order_by("pk").values_list("pk", flat=True).iterator():
        if not subjects.kept_of(f"doctor:{pk}", at):
            found.append(str(pk))
        if len(found) == most:
            break
    return found


def names_of_frozen(keys: list[str]) -> dict[str, tuple[str, ...]]:
    """Return the doctors that a hold may name."""
    return {key: (f"doctor:{key}",) for key in keys}


def erase_frozen(erase: Any) -> Any:
    """Return how one kept name is ended, given the app's own act."""

    def end(key: str, by: Any, at: datetime, run_id: UUID) -> None:
        erase(UUID(key), by=by, at=at, request_id=run_id, reason="frozen_identity")

    return end


def consents_over(before: date, after: str, most: int) -> list[str]:
    """Return the next consents of a cell that another answer took the place of before a day. Cost: one query.

    The newest answer of a cell is never due: it says what may be done now. An answer for every purpose replaces each.
    """
    cell = {name: OuterRef(name) for name in ("doctor", "channel", "product_code")}
    newer = ConsentRecord.objects.filter(
        Q(purpose=OuterRef("purpose")) | Q(purpose__isnull=True), **cell,
        valid_from__gt=OuterRef("valid_from"), valid_from__lt=moment_of(before),
    )  # fmt: skip
    return next_keys(ConsentRecord.objects.filter(Exists(newer)), after, most)


def names_of_consents(keys: list[str]) -> dict[str, tuple[str, ...]]:
    """Return what a hold on a consent may name: its doctor. Cost: one query."""
    rows = ConsentRecord.objects.filter(pk__in=keys).values_list("pk", "doctor")
    return {str(pk): (f"doctor:{doctor}",) for pk, doctor in rows}


def proofs_of_consents(keys: list[str]) -> list[StoredFile]:
    """Return the proofs that no other consent rests on."""
    own = ConsentRecord.objects.filter(pk__in=keys, proof__isnull=False).values("proof")
    others = ConsentRecord.objects.filter(proof__in=own).exclude(pk__in=keys).values("proof")
    return list(StoredFile.objects.filter(pk__in=own).exclude(pk__in=others).order_by("pk"))


CONSENTS = Disposal(
    due=consents_over,
    names=names_of_consents,
    trees=(("doctors.ConsentRecord", ""),),
    files=proofs_of_consents,
)
