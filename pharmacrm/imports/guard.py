"""What must not exist cannot be imported: every column is judged before the import is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from compliance import actions as law
from compliance.facts import ColumnFacts
from compliance.rules import CellScan, Finding, categories_of, scan_header
from compliance.selectors import released_columns
from pharmacrm.common.errors import Refused
from pharmacrm.imports.reading import Beside
from pharmacrm.imports.registry import Column, Kind, Row

RELEASERS = 2  # people who find an alarm false before it is released


class RefusedColumns(Refused):
    """Columns of a file that may not exist: the verdict of the gravest, and all of them."""

    def __init__(self, verdict: Any, columns: tuple[law.RefusedColumn, ...]) -> None:
        super().__init__(verdict)
        self.columns = columns


def judge_columns(
    kind: str,
    headers: Sequence[str],
    sample: Sequence[Sequence[str]],
    *,
    beside: Iterable[Beside] = (),
    subject: str,
    by: Any,
    at: datetime,
) -> None:
    """Ask the law about every column of a file, by its header and its first values, and about what stands beside them.

    `beside` is titles, names of sheets and the other sheets: the whole file would be kept, so the whole file is looked at.
    Raises: Refused, after the whole header was looked at: for the first column that opens a case, else for the first one
    that may not exist; `columns` of it names all. Source: MR-11, HC-02 (统方), MR-10, RD-03, PI-23.
    """
    found = []
    for place, header in enumerate(headers):
        values = [row[place] for row in sample if place < len(row) and row[place]]
        found.append((header, tuple(categories_of(scan_header(header, values))), values))
    for one in beside:
        categories = tuple(categories_of(scan_header(one.words, one.values)))
        if categories:
            found.append((one.words, categories, list(one.values)))
    released = released_columns(kind, [header for header, categories, _values in found if categories])
    refused: list[Refused] = []
    for header, categories, values in found:
        if header or categories:
            # a release is of the header's words; what the values themselves say is never released with it
            innocent = header in released and not categories_of(scan_header("", values))
            facts = ColumnFacts(
                kind=kind,
                header=header[:200],
                categories=categories,
                released_by=RELEASERS if innocent else 0,
            )
            try:
                law.judge("column.accept", facts, subject=subject, by=by, at=at)
            except Refused as refusal:
                refused.append(refusal)
    if refused:
        worst = next((one for one in refused if law.is_kept_apart(one.verdict)), refused[0])
        raise RefusedColumns(worst.verdict, tuple(_said(one) for one in refused))


def judge_cells(rows: Sequence[Row], kind: Kind, scan: CellScan) -> None:
    """Make a fault of every cell that says what may not be stored, and drop what was read of it.

    The columns were judged by their headers and first values; this is for what stands further down. Source: MR-11, HC-02.
    Cost: no query; texts seen before are not read again.
    """
    given = set().union(*(row.raw for row in rows))
    for column in kind.columns:
        if not column.is_text or column.name not in given:
            continue
        held = scan.findings(row.raw.get(column.name, "") for row in rows)
        if not held:
            continue
        for row in rows:
            found = held.get(row.raw.get(column.name, ""), ())
            category = next((one.category for one in found if not _is_innocent(column, one)), "")
            if category:
                row.faults = [fault for fault in row.faults if fault["column"] != column.name]
                row.fault(column.name, f"never_{category}")
                row.values.pop(column.name, None)


def _is_innocent(column: Column, finding: Finding) -> bool:
    said = f"{finding.category}: {finding.words}"
    return column.innocent is not None and column.innocent.fullmatch(said) is not None


def _said(refusal: Refused) -> law.RefusedColumn:
    facts = refusal.verdict.facts
    return law.RefusedColumn(str(facts.get("header", "")), tuple(facts.get("categories", ())))
