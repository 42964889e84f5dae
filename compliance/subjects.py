"""Kinds of subjects: what a string like `visit:018f…` stands for, told by the app that owns it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch
from django.utils.timezone import localtime


@dataclass(frozen=True)
class Kind:
    """How to name, open, erase, export and hold subjects of one kind.

    `hold` takes the key and returns the other names the same thing goes by, so a hold on one stops all.
    """

    name: str
    title: Callable[[str], str]
    url: Callable[[str], str] | None = None
    erase: Callable[..., Any] | None = None
    export: Callable[..., Any] | None = None
    hold: Callable[..., Any] | None = None
    find: Callable[[str], list[str]] | None = None
    release: Callable[..., Any] | None = None
    titles: Callable[[list[str]], dict[str, str]] | None = None


@dataclass(frozen=True)
class Resting:
    """What of one kind rests on a subject and stops with it: how many, and the first of them as subjects."""

    kind: str
    count: int
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class Leaving:
    """A person whose values are destroyed: the words that name this one person and nobody else, and the names others may share.

    `sole_names` are those of `names` that nobody else here bears; `model` is the label of the person's own row; `is_kept`
    says that a law or a hold keeps records of the person, so that what is evidence stays or is put away. `away`
    takes what is masked in governed records, for a person whose values the law keeps under the person's key; `versions`
    takes the row versions an eraser masked, for the entry of the act: {"model", "pk", "history_id", "sha256", …}.
    """

    subject: str
    own_words: tuple[str, ...]
    names: tuple[str, ...]
    by: Any
    at: datetime
    sole_names: tuple[str, ...] = ()
    model: str = ""
    is_kept: bool = False
    away: list[dict[str, Any]] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Keeping:
    """What the law or a hold keeps of a subject: what it is, by which clause, until which ISO day (empty: no end yet), how many rows."""

    what: str
    clause: str
    until: str
    count: int


@dataclass(frozen=True)
class Named:
    """A person whose records are looked for by the words that name the person."""

    subject: str
    words: tuple[str, ...]


_kinds: dict[str, Kind] = {}
_rows: dict[str, str] = {}
_erasers: dict[str, Callable[[Leaving], dict[str, int]]] = {}
_keepers: dict[str, Callable[[str, datetime], Iterable[Keeping]]] = {}
_readers: dict[str, Callable[[Named, datetime], Iterable[Keeping]]] = {}
_openings: dict[str, Callable[[Any, str], bool]] = {}
_dependants: dict[str, Callable[[str, datetime], Iterable[Resting]]] = {}
NO_SUCH_KEY = (ValueError, ValidationError, NoReverseMatch)  # a key typed by a person may be no UUID


def register(
    kind: str,
    title: Callable[[str], str],
    erase: Callable[..., Any] | None = None,
    export: Callable[..., Any] | None = None,
    hold: Callable[..., Any] | None = None,
    url: Callable[[str], str] | None = None,
    find: Callable[[str], list[str]] | None = None,
    release: Callable[..., Any] | None = None,
    titles: Callable[[list[str]], dict[str, str]] | None = None,
) -> None:
    """Register a kind from an app's `ready()`. `title` takes the key as text and returns words for a reader.

    `find` takes words that a person typed and returns the keys they name, for kinds whose names stand in no plain column.
    `release` takes words back that the never-store guard had kept apart. `titles` names many at once, for kinds of which
    lists are long.
    """
    _kinds[kind] = Kind(kind, title, url, erase, export, hold, find, release, titles)


def register_rows(rows: dict[str, str]) -> None:
    """Register from an app's `ready()` the model whose row a kind names, where the kind has a shorter name than it."""
    _rows.update(rows)


def rows_of_kind(kind: str) -> str:
    """Return the label of the model whose row a kind names, or the empty string where the kind is the model's name."""
    return _rows.get(kind, "")


def parts_of(subject: str) -> tuple[str, str]:
    """Return the kind and the key of a subject like `material:018f…`; the key is empty where there is none."""
    kind, _colon, key = subject.strip().partition(":")
    return kind, key


def is_named(subject: str) -> bool:
    """Return whether a text is a subject of a kind there is."""
    kind, key = parts_of(subject)
    return kind in _kinds and bool(key)


def is_key(text: str) -> bool:
    """Return whether the key of a subject is that of a row, and no code or number that a person typed."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def title_of(subject: str) -> str:
    """Return words for a subject, or the subject itself where its kind or row is unknown."""
    kind, key = parts_of(subject)
    known = _kinds.get(kind)
    try:
        return (known.title(key) if known else "") or subject
    except NO_SUCH_KEY:
        return subject


def titles_of(named: Iterable[str]) -> dict[str, str]:
    """Return words for many subjects, by subject. Cost: what each kind takes for all of its own, or for each of them."""
    wanted: dict[str, list[str]] = {}
    for subject in dict.fromkeys(named):
        wanted.setdefault(parts_of(subject)[0], []).append(subject)
    told: dict[str, str] = {}
    for kind, of_kind in wanted.items():
        known = _kinds.get(kind)
        if known and known.titles:
            words = known.titles([parts_of(subject)[1] for subject in of_kind])
            told |= {subject: words.get(parts_of(subject)[1]) or subject for subject in of_kind}
        else:
            told |= {subject: title_of(subject) for subject in of_kind}
    return told


def found(kind: str, words: str) -> list[str]:
    """Return the subjects of one kind that words name; none where the kind cannot be looked up."""
    known = _kinds.get(kind)
    return [f"{kind}:{key}" for key in known.find(words.strip())] if known and known.find else []


def url_of(subject: str) -> str:
    """Return the page of a subject, or an empty string."""
    kind, key = parts_of(subject)
    known = _kinds.get(kind)
    try:
        return known.url(key) if known and known.url else ""
    except NO_SUCH_KEY:
        return ""


def released(subject: str, *, kind: str, words: str, by: Any, at: datetime) -> None:
    """Hand words that were kept apart back to the subject they were written for, in the release's transaction."""
    name, key = parts_of(subject)
    known = _kinds.get(name)
    if known and known.release and words:
        known.release(key, kind=kind, words=words, by=by, at=at)


def also_named(subject: str) -> tuple[str, ...]:
    """Return every name the thing goes by, the given one first."""
    kind, key = parts_of(subject)
    known = _kinds.get(kind)
    try:
        others = known.hold(key) if known and known.hold else ()
    except NO_SUCH_KEY:
        others = ()
    return tuple(dict.fromkeys([subject, *others]))


def register_dependants(name: str, find: Callable[[str, datetime], Iterable[Resting]]) -> None:
    """Register from an app's `ready()` what of its own work stops when a subject is held at a moment."""
    _dependants[name] = find


def resting_on(named: Iterable[str], at: datetime) -> list[Resting]:
    """Return all that rests on the subjects, one line a kind; what several of them stop counts once where it is listed."""
    found: dict[str, list[Resting]] = {}
    for subject in named:
        for find in _dependants.values():
            for line in find(subject, at):
                if line.count:
                    found.setdefault(line.kind, []).append(line)
    return [
        Resting(
            kind,
            max(max(line.count for line in lines), len({one for line in lines for one in line.subjects})),
            tuple(dict.fromkeys(one for line in lines for one in line.subjects)),
        )
        for kind, lines in sorted(found.items())
    ]


def register_opening(kind: str, opens: Callable[[Any, str], bool]) -> None:
    """Register from an app's `ready()` who may open a subject of a kind: told the person and the key, as its own page asks."""
    _openings[kind] = opens


def is_open_to(user: Any, subject: str) -> bool:
    """Return whether a person may open a subject by the rules of its own page; never where its kind says nothing."""
    kind, key = parts_of(subject)
    opens = _openings.get(kind)
    try:
        return bool(opens and opens(user, key))
    except NO_SUCH_KEY:
        return False


def register_eraser(name: str, erase: Callable[[Leaving], dict[str, int]]) -> None:
    """Register from an app's `ready()` what it destroys of a person who is erased. It runs in the erasure's transaction.

    `erase` returns how many values went, by place. Safe to run twice.
    """
    _erasers[name] = erase


def register_keeper(name: str, keeps: Callable[[str, datetime], Iterable[Keeping]]) -> None:
    """Register from an app's `ready()` what the law makes it keep of a subject."""
    _keepers[name] = keeps


def register_reader(name: str, keeps: Callable[[Named, datetime], Iterable[Keeping]]) -> None:
    """Register from an app's `ready()` what a duty keeps of a person that only the person's words tell, such as a file."""
    _readers[name] = keeps


def kept_of_named(named: Named, at: datetime) -> list[Keeping]:
    """Return all that a duty or a hold keeps of a person, by the person's key and by the person's words."""
    read = [one for _name, keeps in sorted(_readers.items()) for one in keeps(named, at) if one.count]
    return [*kept_of(named.subject, at), *read]


def erase_everywhere(leaving: Leaving) -> dict[str, int]:
    """Destroy what every app keeps of a person beside the person's own rows. Returns: how many values, by place."""
    removed: dict[str, int] = {}
    for _name, erase in sorted(_erasers.items()):
        for place, count in erase(leaving).items():
            removed[place] = removed.get(place, 0) + count
    return {place: count for place, count in sorted(removed.items()) if count}


def kept_of(subject: str, at: datetime) -> list[Keeping]:
    """Return all that a duty or a hold keeps of a subject at a moment; a duty whose last day is over keeps nothing."""
    today = localtime(at).date().isoformat()
    found = [one for _name, keeps in sorted(_keepers.items()) for one in keeps(subject, at) if one.count]
    return [one for one in found if not one.until or one.until > today]


def kinds() -> dict[str, Kind]:
    """Return all registered kinds by name."""
    return dict(_kinds)
