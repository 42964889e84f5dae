"""Legal clocks that run: the app that owns one tells the kernel's pages, which know nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Clock:
    """One running clock: the record's code, which clock, since when, until when, its page."""

    code: str
    kind: str
    started_at: datetime
    due_at: datetime
    url: str = ""


_sources: dict[str, Callable[[Any, datetime, int], list[Clock]]] = {}


def register(name: str, source: Callable[[Any, datetime, int], list[Clock]]) -> None:
    """Register from an app's `ready()`: `source(user, at, most)` returns the clocks that the person may see."""
    _sources[name] = source


def clocks_for(user: Any, at: datetime, *, most: int = 5) -> list[Clock]:
    """Return the clocks that end first."""
    found = [clock for source in _sources.values() for clock in source(user, at, most)]
    return sorted(found, key=lambda clock: clock.due_at)[:most]
