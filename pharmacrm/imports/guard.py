"""What must not exist cannot be imported: every column is judged before a byte is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from compliance import actions as law
from compliance.facts import ColumnFacts
from compliance.rules import categories_of, scan_header


def judge_columns(
    kind: str,
    headers: Sequence[str],
    sample: Sequence[Sequence[str]],
    *,
    subject: str,
    by: Any,
    at: datetime,
) -> None:
    """Ask the law about every column of a file, by its header and its first values.

    Raises: Refused for the first one that may not exist. Source: MR-11, HC-02 (统方), MR-10, RD-03, PI-23.
    """
    for place, header in enumerate(headers):
        values = [row[place] for row in sample if place < len(row) and row[place]]
        categories = tuple(categories_of(scan_header(header, values)))
        if header or categories:
            facts = ColumnFacts(kind=kind, header=header[:200], categories=categories)
            law.judge("column.accept", facts, subject=subject, by=by, at=at)
