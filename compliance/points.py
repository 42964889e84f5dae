"""Decision points: which acts the law judges, and the typed facts each one is judged by."""

from __future__ import annotations

from dataclasses import dataclass, is_dataclass


@dataclass(frozen=True)
class Point:
    """One decision point. `root` is the name the rules use for its facts; `kind` is before or after the act."""

    name: str
    facts: type
    root: str
    kind: str


class UndeclaredPoint(LookupError):
    """No app declares a decision point of that name."""


_declared: dict[str, Point] = {}


def declare(name: str, facts: type, *, root: str, kind: str) -> None:
    """Declare a decision point when Django starts. Raises: ValueError on a second or malformed declaration."""
    if kind not in {"before", "after"}:
        raise ValueError(f"{name}: a point is before or after the act, not {kind!r}.")
    if not is_dataclass(facts):
        raise ValueError(f"{name}: facts have to be a frozen dataclass.")
    point = Point(name, facts, root, kind)
    if _declared.setdefault(name, point) != point:
        raise ValueError(f"{name} is declared twice, differently.")


def point_of(name: str) -> Point:
    """Return a declared point. Raises: UndeclaredPoint."""
    try:
        return _declared[name]
    except KeyError:
        raise UndeclaredPoint(name) from None


def declared() -> dict[str, Point]:
    """Return all declared points by name."""
    return dict(_declared)
