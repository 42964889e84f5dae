"""Text tables: which encoding, which separator, which rows."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from .tables import FileNotReadable, Table

CHUNK = 1024 * 1024
SAMPLE_CHARACTERS = 128 * 1024
SAMPLE_ROWS = 300
COMMON_MARKS = frozenset("，。、；：（）“”《》〈〉「」·—…！？％０１２３４５６７８９")
ENOUGH_LATIN = 0.02  # fewer bytes beyond ASCII than this is a Western text with a few accents
DELIMITERS = [",", "\t", ";", "|"]
ENOUGH_TABS = 0.9  # nobody types a tab into a cell: rows that agree on their tabs are parted by them
BOMS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
csv.field_size_limit(1024 * 1024)


def open_text(path: Path, *, encoding: str = "", delimiter: str = "") -> Table:
    """Open a text table. Raises: FileNotReadable for mixed or unknown encodings, naming the line."""
    chosen = encoding or detect_encoding(path)
    with path.open(encoding=chosen, newline="", errors="strict") as handle:
        try:
            sample = handle.read(SAMPLE_CHARACTERS)
        except UnicodeDecodeError as wrong:
            raise _unknown_encoding() from wrong
    return Table(form="text", encoding=chosen, delimiter=delimiter or detect_delimiter(sample), path=path)


def rows(table: Table) -> Iterator[tuple[int, list[str]]]:
    """Return the rows with their number: the count of records, which is the row a spreadsheet shows."""
    with table.path.open(encoding=table.encoding, newline="", errors="strict") as handle:
        reader = csv.reader(_without_nul(handle), delimiter=table.delimiter, skipinitialspace=True)
        number = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as broken:
                raise FileNotReadable(
                    "broken_text",
                    _("The text breaks off near line %(line)s: a quotation mark is not closed.")
                    % {"line": reader.line_num},
                ) from broken
            number += 1
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield number, stripped


def detect_encoding(path: Path) -> str:
    """Return the encoding of a file: by its mark, else UTF-8 where all of it is, else GB 18030, else Big5.

    Raises: FileNotReadable when the head is UTF-8 and the tail is not, naming the line, or when nothing fits.
    """
    with path.open("rb") as handle:
        head = handle.read(4)
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    wrong_at, seen = _fault_of(path, "utf-8")
    if wrong_at is None:
        return "utf-8"
    if seen >= 20:
        raise FileNotReadable(
            "mixed_encoding",
            _(
                "From line %(line)s on the text is not UTF-8 any more: two encodings are mixed. Save it anew as UTF-8."
            )
            % {"line": wrong_at},
        )
    fitting = [name for name in ("gb18030", "big5") if _fault_of(path, name)[0] is None]
    if fitting:
        return min(fitting, key=lambda name: _strangeness(path, name))
    if _share_beyond_ascii(path) < ENOUGH_LATIN and _fault_of(path, "cp1252")[0] is None:
        return "cp1252"
    raise _unknown_encoding()


def detect_delimiter(sample: str) -> str:
    """Return the separator under which the rows of a sample agree best on their number of cells."""
    agreed = {mark: _agreement(sample, mark) for mark in DELIMITERS if mark in sample}
    if agreed.get("\t", (0.0, 0.0))[0] >= ENOUGH_TABS:
        return "\t"
    scores = {mark: score for mark, (_share, score) in agreed.items()}
    if not scores:
        return ","
    best = max(scores, key=lambda mark: (scores[mark], -DELIMITERS.index(mark)))
    return best if scores[best] > 0 else ","


def _agreement(sample: str, mark: str) -> tuple[float, float]:
    """Return the share of rows of the usual width under a mark, and that share weighed by the width."""
    widths: list[int] = []
    try:
        for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=mark, skipinitialspace=True):
            if any(cell.strip() for cell in cells):
                widths.append(len(cells))
            if len(widths) >= SAMPLE_ROWS:
                break
    except csv.Error:
        return 0.0, 0.0
    if len(widths) > 2 and len(sample) >= SAMPLE_CHARACTERS - 1:
        widths.pop()
    counts = Counter(width for width in widths if width > 1)
    if not counts:
        return 0.0, 0.0
    width, times = max(counts.items(), key=lambda pair: (pair[1], pair[0]))
    share = times / len(widths)
    return share, share * min(width, 12) ** 0.35


def _fault_of(path: Path, encoding: str) -> tuple[int | None, int]:
    """Return (line of the first byte that does not fit or None, characters beyond ASCII seen before it)."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line, beyond = 1, 0
    with path.open("rb") as handle:
        while True:
            piece = handle.read(CHUNK)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as wrong:
                good = wrong.object[: wrong.start].decode(encoding, "ignore")
                return line + good.count("\n"), beyond + sum(char > "\x7f" for char in good)
            line += text.count("\n")
            beyond += 0 if text.isascii() else sum(char > "\x7f" for char in text)
            if not piece:
                return None, beyond


def _strangeness(path: Path, encoding: str) -> float:
    """Return which share of the characters beyond ASCII is hardly ever written: private, or outside common Han."""
    with path.open("rb") as handle:
        text = handle.read(CHUNK).decode(encoding, "ignore")
    beyond = [char for char in text if char > "\x7f"]
    common = sum("\u4e00" <= char <= "\u9fff" or char in COMMON_MARKS for char in beyond)
    private = sum("\ue000" <= char <= "\uf8ff" for char in beyond)
    return (private * 10 - common) / max(len(beyond), 1)


def _share_beyond_ascii(path: Path) -> float:
    with path.open("rb") as handle:
        head = handle.read(CHUNK)
    return sum(byte > 127 for byte in head) / max(len(head), 1)


def _without_nul(lines: io.TextIOBase) -> Iterator[str]:
    for line in lines:
        yield line.replace("\x00", "") if "\x00" in line else line


def _unknown_encoding() -> FileNotReadable:
    return FileNotReadable(
        "unknown_encoding",
        _("The text is neither UTF-8 nor GB 18030. Save it as “CSV UTF-8” and upload it again."),
    )
