"""Workbooks the engine hands out: faulty rows with their reasons, and an empty one to fill in."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from .faults import words_of
from .models import ImportJob
from .reading.headers import ends_of_book
from .registry import Kind, kind_of
from .selectors import shown_columns, spoken_of_rows

SAFE = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "constant_memory": True,
}


def error_workbook(job: ImportJob) -> bytes:
    """Return the faulty rows as given, with a column of reasons: correct it, upload it again.

    Good rows of which something is not taken over stand among them, in another colour; once more they do no harm.

    SECURITY: every cell is written as text, so that no content becomes a formula.
    """
    kind = kind_of(job.kind)
    columns = shown_columns(job)
    headings = [job.headers[int(job.mapping[name])] or str(kind.column(name).label) for name in columns]
    rows = spoken_of_rows(job)

    def fill(book: Any, page: Any) -> None:
        bold, wrong = book.add_format({"bold": True}), book.add_format({"bg_color": "#FBEEED"})
        remarked = book.add_format({"bg_color": "#FFF6DD"})
        for place, heading in enumerate([*headings, *ends_of_book()]):
            page.write_string(0, place, heading, bold)
        for line, row in enumerate(rows.iterator(chunk_size=2000), start=1):
            colours = {fault["column"]: remarked for fault in row.faults if not fault.get("blocks", True)}
            colours |= {fault["column"]: wrong for fault in row.faults if fault.get("blocks", True)}
            for place, name in enumerate(columns):
                text = str(row.raw.get(name, ""))
                page.write_string(line, place, text, colours.get(name))
            page.write_number(line, len(columns), row.number)
            reasons = [_reason(fault, kind) for fault in row.faults]
            page.write_string(line, len(columns) + 1, "\n".join(reasons)[:32_000])

    return _workbook(fill)


def _reason(fault: dict[str, Any], kind: Kind) -> str:
    where = f"{kind.column(fault['column']).label}: " if fault["column"] else ""
    if fault.get("blocks", True):
        return where + words_of(fault)
    return _("Remark, row is written: %(words)s") % {"words": where + words_of(fault)}


def blank_workbook(kind: Kind) -> bytes:
    """Return a workbook with the headings of a kind and one example row."""

    def fill(book: Any, page: Any) -> None:
        bold = book.add_format({"bold": True})
        for place, column in enumerate(kind.columns):
            page.set_column(place, place, 16)
            page.write_string(0, place, str(column.label), bold)
        for place, column in enumerate(kind.columns):  # rows are written in order, or the first is lost
            page.write_string(1, place, column.example)

    return _workbook(fill)


def _workbook(fill: Any) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, SAFE) as book:
        fill(book, book.add_worksheet())
    return buffer.getvalue()
