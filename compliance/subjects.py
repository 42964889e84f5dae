"""Kinds of subjects: what a string like `visit:018f…` stands for, told by the app that owns it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch


@dataclass(frozen=True)
class Kind:
    """How to name, open, erase, export and hold subjects of one kind."""

    name: str
    title: Callable[[str], str]
    url: Callable[[str], str] | None = None
    erase: Callable[..., Any] | None = None
    export: Callable[..., Any] | None = None
    hold: Callable[..., Any] | None = None


_kinds: dict[str, Kind] = {}
NO_SUCH_KEY = (ValueError, ValidationError, NoReverseMatch)  # a key typed by a person may be no UUID


def register(
    kind: str,
    title: Callable[[str], str],
    erase: Callable[..., Any] | None = None,
    export: Callable[..., Any] | None = None,
    hold: Callable[..., Any] | None = None,
    url: Callable[[str], str] | None = None,
) -> None:
    """Register a kind from an app's `ready()`. `title` takes the key as text and returns words for a reader."""
    _kinds[kind] = Kind(kind, title, url, erase, export, hold)


def title_of(subject: str) -> str:
    """Return words for a subject, or the subject itself where its kind or row is unknown."""
    kind, _, key = subject.partition(":")
    known = _kinds.get(kind)
    try:
        return (known.title(key) if known else "") or subject
    except NO_SUCH_KEY:
        return subject


def url_of(subject: str) -> str:
    """Return the page of a subject, or an empty string."""
    kind, _, key = subject.partition(":")
    known = _kinds.get(kind)
    try:
        return known.url(key) if known and known.url else ""
    except NO_SUCH_KEY:
        return ""


def kinds() -> dict[str, Kind]:
    """Return all registered kinds by name."""
    return dict(_kinds)
