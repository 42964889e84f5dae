"""Workbooks: .xlsx, .xls and .ods by calamine; formula cells by a look into the package."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from html import unescape
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from .tables import FileNotReadable, Table

FORMULA = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})(\d+)"[^>]*>\s*<f\b')
CHUNK = 4 * 1024 * 1024
MOST_FORMULAS = 200_000
MOST_SHEETS = 30


def open_book(path: Path, *, sheet: str, form: str) -> Table:
    """Open a workbook at the wanted sheet, or at the first visible one that holds rows.

    Raises: FileNotReadable for a password, damage, an unknown sheet or no rows at all.
    """
    book = _load(path)
    names = tuple(meta.name for meta in book.sheets_metadata if meta.visible == SheetVisibleEnum.Visible)
    if sheet and sheet not in names:
        raise FileNotReadable("no_such_sheet", _("The workbook has no sheet of this name."))
    for name in [sheet] if sheet else names:
        opened = _sheet(book, name)
        if opened.total_height:
            return Table(
                form=form,
                sheet=name,
                sheets=names,
                merged=tuple(opened.merged_cell_ranges or ()),
                path=path,
                opened=opened,
            )
    raise FileNotReadable("empty", _("The workbook holds no rows. Choose the file with the rows."))


def other_sheets(table: Table) -> Iterator[Table]:
    """Return the workbook's other sheets that hold rows, hidden ones too. Raises: FileNotReadable for too many."""
    book = _load(table.path)
    sheets = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
    names = [meta.name for meta in sheets if meta.name != table.sheet]
    if len(names) > MOST_SHEETS:
        raise FileNotReadable(
            "too_many_sheets",
            _(
                "The workbook has more than %(most)s sheets. Save the sheet with the rows as a file of its own."
            )
            % {"most": MOST_SHEETS},
        )
    for name in names:
        opened = _sheet(book, name)
        yield Table(form=table.form, sheet=name, path=table.path, opened=opened)


def rows(table: Table) -> Iterator[tuple[int, list[str]]]:
    """Return the rows of the sheet as text, with their numbers in the sheet."""
    opened = table.opened or _sheet(_load(table.path), table.sheet)
    padding = [""] * (
        opened.start[1] if opened.start else 0
    )  # empty rows before the first come, columns do not
    for number, cells in enumerate(opened.iter_rows(), start=1):
        texts = [text_of(cell) for cell in cells]
        if any(texts):
            yield number, padding + texts


def formulas(table: Table) -> frozenset[tuple[int, int]]:
    """Return the cells of the sheet that hold formulas. Cost: one pass over the unpacked sheet, in pieces."""
    found: set[tuple[int, int]] = set()
    with zipfile.ZipFile(table.path) as package:
        part = _part_of(package, table.sheet)
        if part is None:
            return frozenset()
        with package.open(part) as stream:
            tail = b""
            while piece := stream.read(CHUNK):
                text = tail + piece
                for match in FORMULA.finditer(text):
                    found.add((int(match.group(2)), _column(match.group(1))))
                if len(found) > MOST_FORMULAS:
                    break
                tail = text[text.rfind(b"<c") :] if b"<c" in text[-2000:] else b""
    return frozenset(found)


def text_of(cell: Any) -> str:
    """Return a cell as the text a reader sees: 12.0 is 12, a moment at midnight is its day."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return (
            cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="minutes")
        )
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return "" if cell is None else str(cell)


def _load(path: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(str(path))
    except PasswordError as locked:
        raise _locked() from locked
    except (CalamineError, OSError, ValueError) as broken:
        if "assword" in str(broken) or "ncrypt" in str(broken) or _is_encrypted(path):
            raise _locked() from broken
        raise FileNotReadable(
            "damaged",
            _("The workbook is damaged or of an unknown make. Save it as .xlsx and upload it again."),
        ) from broken


def _locked() -> FileNotReadable:
    return FileNotReadable(
        "password", _("The workbook is protected by a password. Remove the password and upload it again.")
    )


def _is_encrypted(path: Path) -> bool:
    with path.open("rb") as handle:
        return "EncryptedPackage".encode("utf-16-le") in handle.read(4 * 1024 * 1024)


def _sheet(book: CalamineWorkbook, name: str) -> Any:
    try:
        return book.get_sheet_by_name(name)
    except PasswordError as locked:
        raise _locked() from locked
    except CalamineError as broken:
        raise FileNotReadable(
            "damaged",
            _("The workbook is damaged or of an unknown make. Save it as .xlsx and upload it again."),
        ) from broken


def _part_of(package: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the package part of a sheet by its name. Names are compared after undoing XML escapes."""
    try:
        book = package.read("xl/workbook.xml").decode("utf-8", "replace")
        links = package.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        return None
    targets = {}
    for link in re.findall(r"<Relationship\b[^>]*>", links):
        key, target = re.search(r'\bId="([^"]+)"', link), re.search(r'\bTarget="([^"]+)"', link)
        if key and target:
            targets[key.group(1)] = target.group(1)
    for element in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", book):
        name, key = re.search(r'\bname="([^"]*)"', element), re.search(r'\br:id="([^"]+)"', element)
        if name and key and unescape(name.group(1)) == sheet and key.group(1) in targets:
            place = targets[key.group(1)].lstrip("/")
            return place if place.startswith("xl/") else f"xl/{place}"
    return None


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1
