"""Approval flows: what may be asked for, and what the answer sets off, told by the app that owns it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q


@dataclass(frozen=True)
class Decision:
    """The answer to one request, as `on_decided` receives it.

    `outcome` is approved, refused, returned or withdrawn; `by` gave the last answer, at the step called `name`, with
    `details` and the signature `signature_id`; `signature_ids` are all that were given.
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
    name: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    signature_id: UUID | None = None


@dataclass(frozen=True)
class Answer:
    """One answer about to be given: agree, refuse or return. `agreed` are the people who agreed before.

    `name` is the step's own; `details` is what the answer says beyond yes and no, as its page entered it.
    """

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
    name: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    signature_id: UUID | None = None


@dataclass(frozen=True)
class Signed:
    """What an approver's signature stands under, where it is not the request itself."""

    subject: str
    content_sha256: str


@dataclass(frozen=True)
class Flow:
    """One kind of question. `title` is words for a reader; `signed`: agreeing takes an e-signature.

    `meanings` name the signature that another answer takes; `verbs` are the answers there are, all where none is named.
    `check` raises what forbids an answer; `hand` hears to whom a step passes or who is added, and raises what forbids it;
    `on_progress` hears each agreement but the last, `on_decided` the outcome; `signs` tells what is signed.
    In words for a reader: `heading` names one request by its payload, `lines` says what is asked; `room` is the address
    of the page on which it is decided, where that takes more than a request shows. `put` asks for what waited before.
    `wall` is the condition on a request that keeps it from a person: from the inbox, its page, REST and every message.
    `seals`: what an answer says is kept by `on_decided` alone, neither with the step nor in the ledger.
    `is_quiet`: there are many, so nobody is told of each: they wait in the inbox, and their askers asked for nothing.
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
    meanings: Mapping[str, str] = field(default_factory=dict)
    verbs: frozenset[str] = frozenset()
    hand: Callable[[Answer, Any], None] | None = None
    heading: Callable[[dict[str, Any]], Any] | None = None
    room: Callable[[dict[str, Any]], str] | None = None
    put: Callable[[datetime], int] | None = None
    wall: Callable[[Any], Q] | None = None
    seals: bool = False
    is_quiet: bool = False

    def meaning_of(self, verb: str) -> str:
        """Return what a signature under an answer means, or nothing where it takes none."""
        return self.meanings.get(verb) or (self.meaning if self.signed and verb == "agree" else "")


class UndeclaredFlow(LookupError):
    """No app declares an approval flow of that name."""


_flows: dict[str, Flow] = {}


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
    meanings: Mapping[str, str] | None = None,
    verbs: Collection[str] = (),
    hand: Callable[[Answer, Any], None] | None = None,
    heading: Callable[[dict[str, Any]], Any] | None = None,
    room: Callable[[dict[str, Any]], str] | None = None,
    put: Callable[[datetime], int] | None = None,
    wall: Callable[[Any], Q] | None = None,
    seals: bool = False,
    is_quiet: bool = False,
) -> None:
    """Register a flow from an app's `ready()`; all it calls runs in the transaction of the answer."""
    _flows[name] = Flow(
        name, title, on_decided, signed, meaning or name, check, on_progress, signs, lines, meanings or {},
        frozenset(verbs), hand, heading, room, put, wall, seals, is_quiet,
    )  # fmt: skip


def flow_of(name: str) -> Flow:
    """Return a registered flow. Raises: UndeclaredFlow."""
    try:
        return _flows[name]
    except KeyError:
        raise UndeclaredFlow(name) from None


def heading_of(name: str, payload: dict[str, Any], title: str) -> str:
    """Return what a request is called in the reader's language: by its flow, else by the words it was asked with."""
    flow = _flows.get(name)
    heading = str(flow.heading(payload) or "") if flow and flow.heading else ""
    return heading or title or (str(flow.title) if flow else name)


def flows() -> dict[str, Flow]:
    """Return all registered flows by name."""
    return dict(_flows)
