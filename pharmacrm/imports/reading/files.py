"""Tell what a file is, by its bytes, and open it as a table; else say what it is and what to do."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from . import books, texts
from .tables import FileNotReadable, Table

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_UNPACKED_BYTES = 2 * 1024 * 1024 * 1024
HEAD_ROWS = 40
MARKUP = re.compile(rb"(\xef\xbb\xbf)?\s*<[!?a-zA-Z]")


def rows_of(table: Table) -> Iterator[tuple[int, list[str]]]:
    """Return (number, cells as text) of every row that is not empty. Raises: FileNotReadable."""
    return texts.rows(table) if table.form == "text" else books.rows(table)


def other_sheets_of(table: Table) -> Iterator[Table]:
    """Return what else the file holds beside its table: the other sheets of a workbook, hidden ones too."""
    return iter(()) if table.form == "text" else books.other_sheets(table)


def formulas_of(table: Table) -> frozenset[tuple[int, int]]:
    """Return (row number, place of the column from 0) of the cells that hold formulas."""
    return books.formulas(table) if table.form == "xlsx" else frozenset()


def open_table(path: Path, *, name: str, sheet: str = "", encoding: str = "", delimiter: str = "") -> Table:
    """Open a file as a table. Raises: FileNotReadable, with words that say what it is and what to do."""
    with path.open("rb") as handle:
        head = handle.read(4096)
    if not head.strip():
        raise FileNotReadable("empty", _("The file is empty. Choose the file with the rows."))
    _refuse_foreign(head, name)
    if head.startswith(b"PK\x03\x04"):
        _check_package(path)
        return books.open_book(path, sheet=sheet, form="xlsx")
    if head.startswith(OLE):
        return books.open_book(path, sheet=sheet, form="xls")
    return texts.open_text(path, encoding=encoding, delimiter=delimiter)


def _refuse_foreign(head: bytes, name: str) -> None:
    if MARKUP.match(head):
        raise FileNotReadable(
            "markup",
            _(
                "%(name)s is a web page or XML with another ending. Open it in Excel and save it as .xlsx or .csv."
            )
            % {"name": name},
        )
    foreign = (
        b"%PDF",
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"Rar!",
        b"7z\xbc\xaf",
        b"\x1f\x8b",
        b"MZ",
        b"\x7fELF",
    )
    if head.startswith(foreign) or (
        b"\x00" in head and not head.startswith((b"PK", OLE, b"\xff\xfe", b"\xfe\xff"))
    ):
        raise FileNotReadable(
            "not_a_spreadsheet",
            _("%(name)s is not a spreadsheet. Upload an .xlsx, .xls or .csv file.") % {"name": name},
        )


def _check_package(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
            unpacked = sum(entry.file_size for entry in package.infolist())
    except zipfile.BadZipFile as broken:
        raise FileNotReadable(
            "damaged", _("The file is damaged or was not sent whole. Save it again and upload it once more.")
        ) from broken
    if unpacked > MOST_UNPACKED_BYTES:
        raise FileNotReadable(
            "too_large", _("Unpacked the file would be too large. Split it into smaller files.")
        )
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        raise FileNotReadable(
            "not_a_spreadsheet",
            _("The archive holds no spreadsheet. Unpack it and upload the .xlsx or .csv file itself."),
        )
