"""Lists of names that one app keeps and a neighbour offers to choose from, so that neither imports the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_providers: dict[str, Callable[[], list[Offer]]] = {}


@dataclass(frozen=True)
class Offer:
    """One name to choose, and the other words under which people look for it."""

    name: str
    words: tuple[str, ...] = ()


def register(kind: str, provider: Callable[[], list[Offer]]) -> None:
    """Say who keeps a list; called once, when an app starts."""
    _providers[kind] = provider


def offered(kind: str) -> list[Offer]:
    """Return the list of a kind in the order of its keeper; empty where nobody keeps one. Cost: the keeper's."""
    provider = _providers.get(kind)
    return provider() if provider else []
