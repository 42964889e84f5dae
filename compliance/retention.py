"""Classes of records and how long each is kept: the terms are data, what is due is told by the app that owns the records."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

TEXT = Path(__file__).parent / "retention.yaml"
DESTROY, ANONYMISE, KEEP = "destroy", "anonymise", "keep"


@dataclass(frozen=True)
class Term:
    """One class: what it holds, for how many months after what, by which clause, and what happens then."""

    id: str
    title: dict[str, str]
    objects: tuple[str, ...]
    months: int
    starts: dict[str, str]
    clause: str
    confidence: str
    treatment: str
    why: dict[str, str]

    @property
    def years(self) -> int:
        return self.months // 12

    def last_day(self, on: date) -> date:
        """Return the day before which a class' term must have begun to be over on `on`."""
        months = on.year * 12 + on.month - 1 - self.months
        year, month = divmod(months, 12)
        leap = 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
        most = [31, leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month]
        return date(year, month + 1, min(on.day, most))


@dataclass(frozen=True)
class Disposal:
    """How an app's class is ended.

    `due` takes (day before which the term began, last key seen, how many) and returns the next keys in key order.
    `names` gives for keys the subjects that a hold or a case may stop them by. One of three ends them: `trees`, the
    models of the class with the path to the root, children first, for rows whose versions are kept; `plain` for rows
    that keep none; `end` for one key, which writes its own entry. `files` gives the stored files whose bytes go with them.
    """

    due: Callable[[date, str, int], list[str]]
    names: Callable[[list[str]], dict[str, tuple[str, ...]]]
    trees: tuple[tuple[str, str], ...] = ()
    plain: Callable[[list[str]], int] | None = None
    end: Callable[[str, Any, datetime, UUID], None] | None = None
    files: Callable[[list[str]], Iterable[Any]] | None = None


_disposals: dict[str, Disposal] = {}


def register(term: str, disposal: Disposal) -> None:
    """Register from an app's `ready()` how a class of its records is ended. Raises: LookupError for an unknown class."""
    if term not in {one.id for one in terms()}:
        raise LookupError(term)
    _disposals[term] = disposal


def disposal_of(term: str) -> Disposal | None:
    """Return how a class is ended; None where nothing ends it."""
    return _disposals.get(term)


@cache
def terms() -> tuple[Term, ...]:
    """Return every class in the order of the text."""
    return tuple(
        Term(
            id=one["id"],
            title=one["title"],
            objects=tuple(one["objects"]),
            months=one.get("months", one.get("years", 0) * 12),
            starts=one["starts"],
            clause=one["clause"],
            confidence=one["confidence"],
            treatment=one["treatment"],
            why=one.get("why", {}),
        )
        for one in yaml.safe_load(TEXT.read_text(encoding="utf-8"))
    )


def term_of(name: str) -> Term:
    """Return a class by its id. Raises: LookupError."""
    for one in terms():
        if one.id == name:
            return one
    raise LookupError(name)
