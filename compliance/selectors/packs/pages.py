"""What the pages of a pack say: acts, signatures, verdicts, rules and the history of rows, out of the proven texts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.encoding import force_str
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import subjects
from compliance.evaluate import Refusal, verdict_of
from compliance.models import LedgerEntry
from compliance.words.fields import field_words

NAMED_SUBJECTS = 1_000  # further ones stand under their keys: a name costs a query
UNSHOWN = frozenset(
    {"id", "history_id", "history_date", "history_type", "history_user_id", "history_change_reason", "created_at", "updated_at"}
)  # fmt: skip
LONGEST_VALUE = 400


@dataclass(frozen=True)
class ActLine:
    """One act as a line of the pack's pages."""

    number: int
    file: str
    entry: LedgerEntry
    title: str
    records: int
    left_out: int
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True)
class RowVersion:
    """One version of a row: what it changed against the one before it, in words."""

    at: str
    act: ActLine
    kind: str
    said: str  # safe HTML, made here: a template's loop over every value of every version takes ten times as long


@dataclass
class RowHistory:
    """One row with its versions in the pack, oldest first."""

    name: str
    key: str
    versions: list[RowVersion] = field(default_factory=list)


class Titles:
    """Words for subjects, asked once each."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, subject: str) -> str:
        if subject not in self._known:
            known = subjects.title_of(subject) if len(self._known) < NAMED_SUBJECTS else subject
            self._known[subject] = known
        return self._known[subject]


def refusals_of(entry: LedgerEntry) -> tuple[Refusal, ...]:
    """Return what the rules said against an act."""
    return verdict_of(entry.verdict.body).refusals if entry.verdict else ()


def histories(records: Mapping[str, list[tuple[str, ActLine]]]) -> list[RowHistory]:
    """Return the history of every row in the pack. `records` holds by model the canonical texts with their acts."""
    people: set[str] = set()
    rows: dict[tuple[str, str], list[tuple[dict[str, Any], ActLine]]] = defaultdict(list)
    for label, texts in records.items():
        for text, act in texts:
            row = json.loads(text)
            if "history_id" in row:
                rows[label, str(row["id"])].append((row, act))
                people |= {str(value) for name, value in row.items() if name.endswith("_id") and value}
    names = _names_of(people)
    found = []
    for (label, key), versions in rows.items():
        model = apps.get_model(label)
        history = RowHistory(label, key)
        before: dict[str, Any] = {}
        for row, act in sorted(versions, key=lambda one: one[0]["history_id"]):
            said = _said(row["history_type"], _changes(model, before, row, names))
            history.versions.append(RowVersion(_moment(row["history_date"]), act, row["history_type"], said))
            before = row
        found.append(history)
    return found


def _moment(text: str) -> str:
    at = parse_datetime(text)
    return f"{localtime(at):%Y-%m-%d %H:%M:%S}" if at else ""


def _said(kind: str, changes: Iterable[tuple[str, str, str]]) -> str:
    lines = []
    for label, before, after in changes:
        name = f'<span class="soft">{escape(label)}</span> '
        was = f"<del>{escape(before)}</del> → <ins>{escape(after)}</ins>" if kind == "~" else escape(after)
        lines.append(name + was)
    return mark_safe("<br>".join(lines))  # noqa: S308 - every value is escaped above


def _changes(
    model: type[models.Model], before: dict[str, Any], row: dict[str, Any], names: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    fields = {column.column: column for column in model._meta.concrete_fields}
    for name, value in row.items():
        if name in UNSHOWN or before.get(name) == value:
            continue
        column = fields.get(name)
        worded = column is not None and isinstance(column._verbose_name, Promise)  # type: ignore[attr-defined]
        label = (
            force_str(column.verbose_name)
            if worded and column is not None
            else field_words(column.name if column else name)
        )
        yield label, _words(column, before.get(name), names), _words(column, value, names)


def _words(column: Any, value: Any, names: Mapping[str, str]) -> str:
    if value is None or value in ("", [], {}):
        return "—"
    if isinstance(column, models.BinaryField):
        return _("sealed, %(count)d bytes") % {"count": max(0, len(str(value)) // 2 - 1)}
    if column is not None and getattr(column, "related_model", None) is get_user_model():
        return names.get(str(value), str(value))
    if column is not None and getattr(column, "choices", None):
        return force_str(dict(column.flatchoices).get(value, value))
    if isinstance(column, models.DateTimeField):
        return _moment(str(value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = (
        json.dumps(value, ensure_ascii=False, sort_keys=True)
        if isinstance(value, (dict, list))
        else str(value)
    )
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"


def _names_of(keys: Iterable[str]) -> dict[str, str]:
    wanted = [key for key in keys if len(key) == 36]  # UUIDs; other keys belong to no person
    return {str(person.pk): str(person) for person in get_user_model().objects.filter(pk__in=wanted)}
