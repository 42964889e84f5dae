"""Find the header row under titles and merged cells, and guess which header means which column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from pharmacrm.imports.registry import Column, Kind, plain_header

from .files import HEAD_ROWS, rows_of
from .tables import Table

LONGEST_HEADER = 60
ENOUGH_VALUES = 0.6
ENOUGH_OF_HEADER = 0.4
ENOUGH_OF_LATIN = 0.75  # “city code” is no code, “other last name” no name


@dataclass(frozen=True)
class Header:
    """Where the header stands, how many rows high it is, its texts, and the first rows below it."""

    row: int
    height: int
    texts: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]


def find_header(table: Table, kind: Kind, *, sample_rows: int = 50) -> Header | None:
    """Return the header: the row, or pair of rows, that names most columns of the kind; else the first full one."""
    head: list[tuple[int, list[str]]] = []
    for number, cells in rows_of(table):
        head.append((number, cells))
        if len(head) >= HEAD_ROWS + sample_rows:
            break
    if not head:
        return None
    known = _known(kind)
    best, best_score = _first_full(head), 0.9
    if _is_book_of_faults(head[0][1]):
        best, best_score = (0, 1), float("inf")
    for place, (_number, cells) in enumerate(head[:HEAD_ROWS]):
        score = _named(cells, known)
        if score > best_score:
            best, best_score = (place, 1), score
        if place + 1 < len(head) and _is_double(table, head[place][0], cells, head[place + 1][1]):
            double = _named(_combine(cells, head[place + 1][1], known), known)
            if double > max(score, _named(head[place + 1][1], known), best_score):
                best, best_score = (place, 2), double
    place, height = best
    number, cells = head[place]
    texts = _combine(cells, head[place + 1][1], known) if height == 2 else cells
    width = max(len(texts), *(len(row) for _n, row in head[place:]), 1)
    named = tuple((texts[i] if i < len(texts) else "")[:200] for i in range(width))
    sample = tuple(tuple(row) for _n, row in head[place + height : place + height + sample_rows])
    return Header(number, height, named, sample)


def ends_of_book() -> tuple[str, str]:
    """Return the two headings that the workbook of faulty rows ends with, in the reader's language."""
    return _("Row"), _("Reason")


def guess_mapping(kind: Kind, header: Header) -> dict[str, int]:
    """Return the place of the header for each column that could be told, by name first and by values second."""
    mapping: dict[str, int] = {}
    taken: set[int] = set()
    candidates = []
    for place, text in enumerate(header.texts):
        for column in kind.columns:
            score = _likeness(text, column)
            if score:
                candidates.append((score, place, column.name))
    for _score, place, name in sorted(candidates, key=lambda item: (-item[0], item[1])):
        if name not in mapping and place not in taken:
            mapping[name] = place
            taken.add(place)
    for column in kind.columns:
        if column.name in mapping or column.looks_like is None:
            continue
        for place, text in enumerate(header.texts):
            if place not in taken and not plain_header(text) and _values_fit(header, place, column):
                mapping[column.name] = place
                taken.add(place)
                break
    return mapping


def _likeness(text: str, column: Column) -> float:
    header = plain_header(text)
    if not header:
        return 0.0
    names = [plain_header(name) for name in (column.name, *column.synonyms)]
    if header in names:
        return 3.0 + 0.01 * len(header)
    share = max((len(name) / len(header) for name in names if len(name) >= 2 and name in header), default=0.0)
    enough = ENOUGH_OF_LATIN if header.isascii() else ENOUGH_OF_HEADER
    return 1.0 + share if share >= enough else 0.0


def _values_fit(header: Header, place: int, column: Column) -> bool:
    values = [row[place] for row in header.sample if place < len(row) and row[place]]
    pattern = column.looks_like
    return (
        bool(values)
        and pattern is not None
        and sum(bool(pattern.search(value)) for value in values) >= ENOUGH_VALUES * len(values)
    )


def _known(kind: Kind) -> set[str]:
    return {plain_header(name) for column in kind.columns for name in (column.name, *column.synonyms)}


def _named(cells: Sequence[str], known: set[str]) -> float:
    texts = [plain_header(cell) for cell in cells if cell and len(cell) <= LONGEST_HEADER]
    exact = sum(text in known for text in texts)
    inside = sum(
        any(len(name) >= 2 and name in text for name in known) for text in texts if text not in known
    )
    return exact + (0.3 * inside if exact else 0.0)


def _is_book_of_faults(cells: Sequence[str]) -> bool:
    """Return whether this is the header of a workbook of faulty rows that came back, whatever its rows look like."""
    ends = tuple(filter(None, cells))[-2:]
    for language, _name in settings.LANGUAGES:
        with override(language):
            if ends == ends_of_book():
                return True
    return False


def _first_full(head: list[tuple[int, list[str]]]) -> tuple[int, int]:
    fullest = max(sum(map(bool, cells)) for _number, cells in head[:HEAD_ROWS])
    for place, (_number, cells) in enumerate(head[:HEAD_ROWS]):
        if sum(map(bool, cells)) >= 0.6 * fullest:
            return place, 1
    return 0, 1


def _is_double(table: Table, number: int, upper: Sequence[str], lower: Sequence[str]) -> bool:
    if not any(upper) or not any(lower):
        return False
    return any(
        first[0] + 1 == number and last[1] > first[1] and last[1] - first[1] + 1 < len(upper)
        for first, last in table.merged
    )


def _combine(upper: Sequence[str], lower: Sequence[str], known: set[str]) -> list[str]:
    texts = []
    group = ""
    for place in range(max(len(upper), len(lower))):
        above = upper[place] if place < len(upper) else ""
        below = lower[place] if place < len(lower) else ""
        group = above or group
        if not below:
            texts.append(above)
        elif plain_header(below) in known or not group:
            texts.append(below)
        else:
            texts.append(f"{group}/{below}")
    return texts
