"""Write the ledger: one entry for each act, in the act's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from compliance.evaluate import Verdict
from compliance.models import LedgerEntry, StoredVerdict


def record(
    event: str,
    *,
    subject: str,
    by: Any,
    at: datetime,
    verdict: Verdict | None = None,
    reason: str = "",
    rows: Sequence[Any] = (),
    device_at: datetime | None = None,
) -> LedgerEntry:
    """Write the one ledger entry of an act, with its verdict and the rows it wrote. Call inside the act's transaction."""
    stored = store_verdict(verdict, by=by, at=at) if verdict else None
    return LedgerEntry.objects.create(
        event=event,
        subject=subject,
        actor=by if getattr(by, "pk", None) else None,
        at=at,
        device_at=device_at,
        verdict=stored,
        reason=reason,
        rows=[f"{row._meta.label_lower}:{row.pk}" for row in rows],
    )


def store_verdict(verdict: Verdict, *, by: Any, at: datetime) -> StoredVerdict:
    """Keep a verdict as it was given. A verdict already kept is returned as it stands."""
    kept, _created = StoredVerdict.objects.get_or_create(
        pk=UUID(verdict.id),
        defaults={
            "point": verdict.point,
            "subject": verdict.subject,
            "pack": verdict.pack,
            "allows": verdict.allows,
            "breached": verdict.breached,
            "body": asdict(verdict),
            "judged_at": at,
            "judged_by": by if getattr(by, "pk", None) else None,
        },
    )
    return kept


@transaction.atomic
def record_refusal(verdict: Verdict, *, subject: str, by: Any, at: datetime) -> LedgerEntry:
    """Write a refusal, after the refused act rolled back: `<app>.<verb>_refused`."""
    noun, _, verb = verdict.point.partition(".")
    return record(f"{noun}.{verb}_refused", subject=subject, by=by, at=at, verdict=verdict)
