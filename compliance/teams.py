"""Teams of people, told by the app that knows the territory tree: the kernel sees only subject strings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from uuid import UUID

TeamsOf = Callable[[list[UUID], date], dict[UUID, set[str]]]
Offered = Callable[[date], list[tuple[str, str]]]

_teams_of: list[TeamsOf] = []
_offered: list[Offered] = []


def register(teams: TeamsOf, offered: Offered) -> None:
    """Tell from an app's `ready()` in which teams people work on a day, and which teams there are with their names."""
    _teams_of[:] = [teams]
    _offered[:] = [offered]


def teams_of(people: Iterable[UUID], on: date) -> dict[UUID, set[str]]:
    """Return each person's teams as subject strings, with the teams above them. Cost: one query."""
    return _teams_of[0](list(people), on) if _teams_of else {}


def teams_on(on: date) -> list[tuple[str, str]]:
    """Return the teams a course may be asked of, as subject and name."""
    return _offered[0](on) if _offered else []
