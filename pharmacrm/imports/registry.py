"""Kinds of things that can be imported: which columns, how a cell is read, what writes the rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.utils.functional import Promise

Words = str | Promise


class CellFault(ValueError):
    """A cell that cannot be taken as it stands. `code` is known to `faults.words_of`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Column:
    """One column of a kind. `synonyms` are headers people use, in any language; `looks_like` recognises values."""

    name: str
    label: Words
    synonyms: tuple[str, ...] = ()
    required: bool = False
    looks_like: re.Pattern[str] | None = None
    example: str = ""
    help: Words = ""
    queue: str = ""  # name of the page on which values nobody knows are decided once
    is_text: bool = True  # False where only a number, a day or a contact is taken
    innocent: re.Pattern[str] | None = (
        None  # "category: words" of the never-store list that lawful values hold
    )


@dataclass
class Row:
    """One row on its way: text as given, values as read, faults and remarks by column, what the set-based check found."""

    number: int
    raw: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[dict[str, Any]] = field(default_factory=list)

    def fault(self, column: str, code: str, **params: Any) -> None:
        self.faults.append({"column": column, "code": code, "params": params})

    def remark(self, column: str, code: str, **params: Any) -> None:
        """Say at a cell what is not taken over. The row is written all the same."""
        said = {"column": column, "code": code, "params": params, "blocks": False}
        if said not in self.faults:
            self.faults.append(said)

    @property
    def is_good(self) -> bool:
        return not self.faults or not any(fault.get("blocks", True) for fault in self.faults)

    @property
    def is_remarked(self) -> bool:
        return bool(self.faults) and self.is_good


@dataclass(frozen=True)
class Written:
    """What a row became: subject, created or updated or unchanged, the former values of an update."""

    number: int
    subject: str
    outcome: str
    before: dict[str, Any] = field(default_factory=dict)


class Action(Protocol):
    """What an app does with the rows of its kind. Every method works on a batch, in the caller's transaction.

    `take_note` is told the other rows of the file when one row is checked alone: it may rest on one of them.
    """

    def may_import(self, user: Any) -> bool: ...
    def prepare(self, at: datetime) -> Any: ...
    def take_note(self, values: Iterable[dict[str, Any]], known: Any) -> None: ...
    def check(self, rows: Sequence[Row], known: Any) -> None: ...
    def key_of(self, row: Row) -> tuple[str, str] | None: ...
    def write(
        self, rows: Sequence[Row], known: Any, *, by: Any, at: datetime, subject: str
    ) -> list[Written]: ...
    def undo(self, written: Sequence[Written], *, by: Any, at: datetime, subject: str) -> None: ...


@dataclass(frozen=True)
class Kind:
    """A registered kind."""

    name: str
    title: Words
    columns: tuple[Column, ...]
    normalisers: Mapping[str, Callable[[str], Any]]
    action: Action

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


_kinds: dict[str, Kind] = {}


def register(
    kind: str,
    columns: Iterable[Column],
    normalisers: Mapping[str, Callable[[str], Any]],
    action: Action,
    *,
    title: Words,
) -> None:
    """Register a kind when Django starts. Raises: ValueError for a normaliser of no column."""
    wanted = tuple(columns)
    strays = set(normalisers) - {column.name for column in wanted}
    if strays:
        raise ValueError(f"{kind}: no such columns {sorted(strays)}")
    _kinds[kind] = Kind(kind, title, wanted, dict(normalisers), action)


def kind_of(name: str) -> Kind:
    """Return a kind. Raises: KeyError."""
    return _kinds[name]


def kinds() -> dict[str, Kind]:
    """Return all kinds by name."""
    return dict(_kinds)


def plain_header(text: str) -> str:
    """Return a header in the form in which it is compared: folded, without brackets, marks and spaces."""
    folded = unicodedata.normalize("NFKC", text).lower()
    folded = re.sub(r"[(\[【（].*?[)\]】）]", "", folded) or folded
    return re.sub(r"[\s_\-/\\.:：*#'\"、，,]+", "", folded)
