"""What must not exist cannot be imported: every column is judged before a byte is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import compliance.rules
from compliance import actions as law
from compliance.facts import ColumnFacts


def categories_of(header: str) -> tuple[str, ...]:
    """Return the forbidden categories a header belongs to, by the law's own scanner."""
    scan: Callable[[str], Iterable[str]] | None = getattr(compliance.rules, "scan_header", None)
    return tuple(scan(header)) if scan else ()


def judge_columns(kind: str, headers: Iterable[str], *, subject: str, by: Any, at: datetime) -> None:
    """Ask the law about every column of a file. Raises: Refused for the first one that may not exist.

    Source: MR-11, HC-02 (统方), MR-10, RD-03, PI-23.
    """
    for header in dict.fromkeys(headers):
        if header:
            facts = ColumnFacts(kind=kind, header=header[:200], categories=categories_of(header))
            law.judge("column.accept", facts, subject=subject, by=by, at=at)
