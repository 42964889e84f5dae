"""From cells to staged rows: map, read, check, and write by COPY."""

from __future__ import annotations

import csv
import gc
import io
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from django.db import connection

from pharmacrm.common.files import open_verified

from .choices import RowState
from .models import ImportAlias, ImportJob
from .reading import Table, open_table, rows_of
from .registry import CellFault, Kind, Row, Written

CHUNK_ROWS = 2000
LONGEST_CELL = 4000
UNREADABLE = "\ufffd"
COLUMNS = "job_id, number, state, raw, values, faults"
RESULTS = "job_id, number, subject, outcome, before"


@contextmanager
def opened(job: ImportJob) -> Iterator[Table]:
    """Open the file of a job as the table that was chosen, from a private copy with checked bytes."""
    with tempfile.TemporaryDirectory(prefix="pharmacrm-import-") as folder:
        path = Path(folder) / "table"
        with open_verified(job.file) as stored, path.open("wb") as copy:
            shutil.copyfileobj(stored, copy, 1024 * 1024)
        yield open_table(
            path, name=job.file_name, sheet=job.sheet, encoding=job.encoding, delimiter=job.delimiter
        )


@contextmanager
def without_collecting() -> Iterator[None]:
    """Hold the collector of cycles off: many rows live at once, it walks them all over and over, and finds nothing.

    What is no longer referred to is freed as ever.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


Aliases = Mapping[tuple[str, str], str]


def remembered_aliases(kind: str) -> dict[tuple[str, str], str]:
    """Return what wrong values were said to mean, by column and value. Cost: one query."""
    rows = ImportAlias.objects.filter(kind=kind).values_list("column", "said", "meant")
    return {(column, said): meant for column, said, meant in rows}


def read_rows(
    table: Table,
    job: ImportJob,
    kind: Kind,
    formulas: frozenset[tuple[int, int]],
    aliases: Aliases,
    *,
    after: int = 0,
) -> Iterator[Row]:
    """Return the rows below the header and row `after`, each cell read by its column's normaliser; remembered meanings
    are put in.
    """
    places = {name: int(place) for name, place in job.mapping.items()}
    begin = max(job.header_row + job.header_height - 1, after)
    width = len(job.headers)
    for number, cells in rows_of(table):
        if number <= begin or _is_title(table, number, cells):
            continue
        row = Row(number, {name: _cell(cells, place) for name, place in places.items()})
        if aliases:
            row.raw = {name: aliases.get((name, text.strip()), text) for name, text in row.raw.items()}
        if not any(row.raw.values()):
            continue
        if len(cells) > width and any(cells[width:]):
            row.fault("", "too_many_cells", found=len(cells), expected=width)
        for name, place in places.items():
            if (number, place) in formulas:
                row.fault(name, "formula")
        read_cells(row, kind)
        yield row


def read_cells(row: Row, kind: Kind) -> None:
    """Read every cell of a row; what cannot be read is a fault of its cell."""
    faulty = {fault["column"] for fault in row.faults}
    for column in kind.columns:
        text = row.raw.get(column.name, "")
        if column.name in faulty:
            continue
        if text.startswith("=") and len(text) > 1:
            row.fault(column.name, "formula")
        elif len(text) > LONGEST_CELL:
            row.fault(column.name, "too_long", limit=LONGEST_CELL)
        elif UNREADABLE in text:
            row.fault(column.name, "bad_characters")
        elif text:
            _read_cell(row, kind, column.name, text)
        elif column.required:
            row.fault(column.name, "required")


def copy_rows(job: ImportJob, rows: Sequence[Row]) -> None:
    """Write staged rows by COPY. Cost: one statement."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in rows:
        state = RowState.GOOD if row.is_good else RowState.BAD
        writer.writerow(
            [job.pk, row.number, state.value, _json(row.raw), _json(row.values), _json(row.faults)]
        )
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY imports_importrow ({COLUMNS}) FROM STDIN WITH (FORMAT csv)", buffer)


def copy_results(job: ImportJob, written: Sequence[Written]) -> None:
    """Note what rows became, by COPY. Cost: one statement."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for one in written:
        writer.writerow([job.pk, one.number, one.subject, str(one.outcome), _json(one.before)])
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY imports_importresult ({RESULTS}) FROM STDIN WITH (FORMAT csv)", buffer)


def _read_cell(row: Row, kind: Kind, name: str, text: str) -> None:
    normalise = kind.normalisers.get(name)
    try:
        row.values[name] = normalise(text) if normalise else text
    except CellFault as fault:
        row.fault(name, fault.code, **fault.params)


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].replace("\x00", "") if place < len(cells) else ""


def _is_title(table: Table, number: int, cells: Sequence[str]) -> bool:
    if sum(map(bool, cells)) != 1:
        return False
    return any(
        first[0] + 1 == number and last[1] - first[1] + 1 >= max(3, len(cells) // 2)
        for first, last in table.merged
    )


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()
