"""Verdicts as they were given."""

from __future__ import annotations

from uuid import UUID

from compliance.evaluate import Verdict, verdict_of
from compliance.models import StoredVerdict


def verdict_given(verdict_id: UUID | str) -> Verdict | None:
    """Return a verdict as it was given, or None. The caller may see its subject. Cost: one query."""
    body = StoredVerdict.objects.filter(pk=verdict_id).values_list("body", flat=True).first()
    return verdict_of(body) if body else None
