"""Reasons for watched acts that come with the act itself: written in the form before it is sent, offline too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

LONGEST = 2000
NONE: Mapping[str, str] = MappingProxyType({})
_given: ContextVar[Mapping[str, str]] = ContextVar("compliance_reasons_given", default=NONE)


@contextmanager
def reasons_given(reasons: Mapping[str, str]) -> Iterator[None]:
    """Let acts in this block carry their author's reasons, by rule. A reason for what was not breached is not kept."""
    token = _given.set({rule: text.strip()[:LONGEST] for rule, text in reasons.items() if text.strip()})
    try:
        yield
    finally:
        _given.reset(token)


def reason_for(rule: str) -> str:
    """Return the reason that came with the running act for one rule."""
    return _given.get().get(rule, "")
