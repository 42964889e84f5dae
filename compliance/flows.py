"""Approval flows: what may be asked for, and what the answer sets off, told by the app that owns it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Decision:
    """The answer to one request, as `on_decided` receives it.

    `outcome` is approved, refused, returned or withdrawn; `by` gave the last answer; `signature_ids` are those given with it.
    """

    request_id: UUID
    flow: str
    subject: str
    outcome: str
    payload: dict[str, Any]
    opened_by: Any
    by: Any
    at: datetime
    comment: str = ""
    signature_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Answer:
    """One answer about to be given: agree, refuse or return. `agreed` are the people who agreed before."""

    request_id: UUID
    flow: str
    subject: str
    payload: dict[str, Any]
    opened_by: Any
    verb: str
    by: Any
    at: datetime
    comment: str = ""
    agreed: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Signed:
    """What an approver's signature stands under, where it is not the request itself."""

    subject: str
    content_sha256: str


@dataclass(frozen=True)
class Flow:
    """One kind of question. `title` is words for a reader; `signed`: agreeing takes an e-signature.

    `check` raises what forbids an answer; `on_progress` hears each agreement but the last, `on_decided` the outcome;
    `signs` tells what is signed, `lines` what is asked, in words, for the page of a request.
    """

    name: str
    title: Any
    on_decided: Callable[[Decision], None] | None = None
    signed: bool = False
    meaning: str = ""
    check: Callable[[Answer], None] | None = None
    on_progress: Callable[[Answer], None] | None = None
    signs: Callable[[dict[str, Any]], Signed] | None = None
    lines: Callable[[dict[str, Any]], Iterable[tuple[Any, Any]]] | None = None


@dataclass(frozen=True)
class Waiting:
    """A decision that waits for a person and is given on its own page: a seat of a review, a signature, a correction."""

    kind: Any
    title: str
    url: str
    asked_by: str = ""
    due_at: datetime | None = None


class UndeclaredFlow(LookupError):
    """No app declares an approval flow of that name."""


_flows: dict[str, Flow] = {}
_waiting: dict[str, Callable[[Any], Iterable[Waiting]]] = {}


def register(
    name: str,
    title: Any,
    *,
    on_decided: Callable[[Decision], None] | None = None,
    signed: bool = False,
    meaning: str = "",
    check: Callable[[Answer], None] | None = None,
    on_progress: Callable[[Answer], None] | None = None,
    signs: Callable[[dict[str, Any]], Signed] | None = None,
    lines: Callable[[dict[str, Any]], Iterable[tuple[Any, Any]]] | None = None,
) -> None:
    """Register a flow from an app's `ready()`; all it calls runs in the transaction of the answer."""
    _flows[name] = Flow(name, title, on_decided, signed, meaning or name, check, on_progress, signs, lines)


def flow_of(name: str) -> Flow:
    """Return a registered flow. Raises: UndeclaredFlow."""
    try:
        return _flows[name]
    except KeyError:
        raise UndeclaredFlow(name) from None


def flows() -> dict[str, Flow]:
    """Return all registered flows by name."""
    return dict(_flows)


def register_waiting(name: str, find: Callable[[Any], Iterable[Waiting]]) -> None:
    """Register from an app's `ready()` what of its own decisions waits for a person, so that one inbox shows all."""
    _waiting[name] = find


def waiting_elsewhere(user: Any) -> list[Waiting]:
    """Return every decision that waits for a person outside the flows, the first due first, what has no day last."""
    found = [one for find in _waiting.values() for one in find(user)]
    return sorted(
        found, key=lambda one: (one.due_at is None, one.due_at.timestamp() if one.due_at else 0, one.title)
    )
