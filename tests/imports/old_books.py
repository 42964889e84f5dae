"""A writer of old workbooks (.xls, BIFF8 in an OLE container), as small as reading them back allows.

After [MS-XLS] and [MS-CFB]: one stream named Workbook, one sheet, texts, numbers, dates and merged ranges.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from struct import pack

SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
PLAIN, DATED = 0, 1  # places of the two cell formats
Merged = tuple[int, int, int, int]  # first row, last row, first column, last column


def old_workbook(
    rows: Sequence[Sequence[str | float | date]], *, merged: Sequence[Merged] = (), sheet: str = "Sheet1"
) -> bytes:
    """Return a workbook with these rows; an empty text leaves its cell out, as under a merged one."""
    cells = b""
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if isinstance(value, date):
                cells += _record(0x0203, pack("<HHHd", row, column, DATED, (value - date(1899, 12, 30)).days))
            elif isinstance(value, int | float):
                cells += _record(0x0203, pack("<HHHd", row, column, PLAIN, value))
            elif value:
                cells += _record(0x0204, pack("<HHH", row, column, PLAIN) + _text(value, "<H"))
    ranges = b"".join(pack("<HHHH", *one) for one in merged)
    width = max(map(len, rows))
    body = (
        _record(0x0809, pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
        + _record(0x0200, pack("<IIHHH", 0, len(rows), 0, width, 0))
        + cells
        + (_record(0x00E5, pack("<H", len(merged)) + ranges) if merged else b"")
        + _record(0x000A)
    )
    head = _record(0x0809, pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + _record(0x0042, pack("<H", 1200))
    head += b"".join(_record(0x00E0, pack("<HHH", 0, form, 0) + bytes(14)) for form in (0, 14))
    named = _text(sheet, "<B")
    length = len(head) + 4 + 6 + len(named) + 4
    return _container(head + _record(0x0085, pack("<IH", length, 0) + named) + _record(0x000A) + body)


def _record(kind: int, data: bytes = b"") -> bytes:
    return pack("<HH", kind, len(data)) + data


def _text(text: str, size: str) -> bytes:
    return pack(size, len(text)) + b"\x01" + text.encode("utf-16-le")


def _container(stream: bytes) -> bytes:
    stream = stream.ljust(4096, b"\x00")  # shorter ones would live in the small sectors
    count = -(-len(stream) // SECTOR)
    chain = [FAT, END, *(place + 3 for place in range(count - 1)), END]
    tables = -(-len(chain) // 128)
    assert tables == 1, "one sector of the table is enough for a test"
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0) + pack("<I", 0) + pack("<I", FREE) * 108
    table = b"".join(pack("<I", one) for one in chain).ljust(SECTOR, b"\xff")
    folder = _entry("Root Entry", 5, child=1, start=END) + _entry("Workbook", 2, start=2, size=len(stream))
    return header + table + folder.ljust(SECTOR, b"\x00") + stream.ljust(count * SECTOR, b"\x00")


def _entry(name: str, kind: int, *, child: int = FREE, start: int, size: int = 0) -> bytes:
    text = name.encode("utf-16-le") + b"\x00\x00"
    return (
        text.ljust(64, b"\x00") + pack("<HBB", len(text), kind, 1) + pack("<III", FREE, FREE, child) + bytes(36)
        + pack("<IQ", start, size)
    )  # fmt: skip
