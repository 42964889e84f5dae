"""What must not exist cannot be imported: every column is judged before the import is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.facts import ColumnFacts
from compliance.rules import CellScan, Finding, categories_of, scan_header
from compliance.selectors import released_columns
from pharmacrm.common.errors import Refused
from pharmacrm.imports.models import ImportJob, ImportRow
from pharmacrm.imports.reading import Beside
from pharmacrm.imports.registry import Column, Kind, Row
from pharmacrm.imports.selectors import fault_counts

RELEASERS = 2  # people who find an alarm false before it is released
NEVER = "never_"  # with a category behind it, the code of a cell's fault
ENOUGH = 10


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
    _raise_worst(refused)


def judge_hidden_columns(job: ImportJob, *, by: Any, at: datetime) -> None:
    """Ask the law about columns that turned out, behind their first rows, to hold what may not be stored.

    One is such a column where at least ten cells, and half of those filled, say it; fewer are faults of their cells.
    Raises: Refused, as `judge_columns`. Cost: one query, and one for each suspected column.
    """
    told = [one for one in fault_counts(job) if one.code.startswith(NEVER) and one.count >= ENOUGH]
    refused: list[Refused] = []
    for one in told:
        filled = ImportRow.objects.filter(job=job).exclude(**{f"raw__{one.column}": ""}).count()
        if one.count * 2 < filled:
            continue
        header = str(job.headers[int(job.mapping[one.column])])
        facts = ColumnFacts(
            kind=job.kind, header=header[:200], categories=(one.code.removeprefix(NEVER),), released_by=0
        )
        try:
            law.judge("column.accept", facts, subject=f"import:{job.pk}", by=by, at=at)
        except Refused as refusal:
            refused.append(refusal)
    _raise_worst(refused)


def keep_apart(refusal: RefusedColumns, *, path: Path, file_name: str, by: Any, at: datetime) -> None:
    """Put the bytes of a refused file into a case, where its columns ask for one; the refusal then stands recorded."""
    if law.is_kept_apart(refusal.verdict):
        refusal.case_number = law.keep_file_apart(
            refusal.verdict,
            columns=refusal.columns,
            path=path,
            file_name=file_name,
            by=by,
            at=at,
            max_bytes=settings.MAX_UPLOAD_BYTES,
        ).number
        refusal.is_recorded = True


def words_of_refusal(refusal: Refused) -> str:
    """Return why a file is refused and what to do, in the reader's language."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    said = [one.message.get(language, "") for one in refusal.verdict.refusals]
    if refusal.case_number:
        said.append(
            _(
                "The file is kept apart in case %(number)s; only compliance opens it. Take out what may not be stored and send the file again."
            )
            % {"number": refusal.case_number}
        )
    else:
        said.append(_("Take out what may not be stored and send the file again."))
    return " ".join(filter(None, said))


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
                row.fault(column.name, f"{NEVER}{category}")
                row.values.pop(column.name, None)


def _is_innocent(column: Column, finding: Finding) -> bool:
    said = f"{finding.category}: {finding.words}"
    return column.innocent is not None and column.innocent.fullmatch(said) is not None


def _raise_worst(refused: Sequence[Refused]) -> None:
    if refused:
        worst = next((one for one in refused if law.is_kept_apart(one.verdict)), refused[0])
        raise RefusedColumns(worst.verdict, tuple(_said(one) for one in refused))


def _said(refusal: Refused) -> law.RefusedColumn:
    facts = refusal.verdict.facts
    return law.RefusedColumn(str(facts.get("header", "")), tuple(facts.get("categories", ())))
