"""What a hold or an open case keeps of a subject, whatever its days say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from compliance.choices import CaseState
from compliance.models import Case
from compliance.selectors.holds import held_of
from compliance.subjects import Keeping, also_named

CLAUSE = "PIPL 47; PI-08"


def kept_by_hold_or_case(subject: str, at: datetime) -> Iterator[Keeping]:
    """Yield what stops a subject from being destroyed: holds in force and cases that are not closed. Cost: two queries."""
    names = also_named(subject)
    yield Keeping("hold", CLAUSE, "", len(held_of(names, at, until_commit=True)))
    open_cases = Case.objects.filter(subject__in=names).exclude(state=CaseState.CLOSED)
    yield Keeping("case", CLAUSE, "", open_cases.count())
