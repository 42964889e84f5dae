"""What a file holds beside the column names of its table: titles above them, names of sheets, the other sheets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pharmacrm.imports.registry import Kind

from .files import other_sheets_of, rows_of
from .headers import Header, find_header
from .tables import Table

# an instruction that something must not be written is no column of it
FORBIDS = re.compile(
    r"不得|请勿|切勿|禁止|严禁|不要|不可|不能|无需|do not|don't|must not|never", re.IGNORECASE
)


@dataclass(frozen=True)
class Beside:
    """Words that stand where a column's name or a title stands, and the first values below them."""

    words: str
    values: tuple[str, ...] = ()


def words_beside(table: Table, header: Header, kind: Kind) -> Iterator[Beside]:
    """Yield titles of the table, names of all sheets, and titles and columns of the other sheets, hidden ones too.

    Raises: FileNotReadable for a damaged sheet or too many. Cost: each other sheet is read once.
    """
    if table.sheet:
        yield Beside(table.sheet)
    yield from _titles(table, header)
    for other in other_sheets_of(table):
        yield Beside(other.sheet)
        found = find_header(other, kind)
        if found is None:
            continue
        yield from _titles(other, found)
        for place, words in enumerate(found.texts):
            values = (row[place] for row in found.sample if place < len(row))
            yield Beside(words, tuple(value for value in values if value and not FORBIDS.search(value)))


def _titles(table: Table, header: Header) -> Iterator[Beside]:
    for number, cells in rows_of(table):
        if number >= header.row:
            return
        for cell in filter(None, cells):
            if not FORBIDS.search(cell):
                yield Beside(cell)
