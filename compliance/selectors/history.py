"""What a record looked like at any moment: versions, what changed between them, and the acts that did it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import QuerySet
from django.utils.encoding import force_str
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext

from compliance.models import LedgerEntry, RulePack
from compliance.selectors.statutes import live_pack
from compliance.selectors.versions import governed_models, history_model
from compliance.subjects import rows_of_kind
from compliance.words.fields import field_words

NOTHING = "—"
UNSHOWN = frozenset({"updated_at", "created_at"})
MOST_VERSIONS = 200


@dataclass(frozen=True)
class Version:
    """One version of a row: its number from 1, who wrote it when, and the act."""

    number: int
    history_id: int
    at: datetime
    by: str
    kind: str
    values: dict[str, str]
    entry: LedgerEntry | None = None


@dataclass(frozen=True)
class Change:
    """One field in two versions."""

    name: str
    before: str
    after: str

    @property
    def is_same(self) -> bool:
        return self.before == self.after


def model_of(subject: str) -> type[models.Model] | None:
    """Return the governed model that a subject's kind names, or None."""
    kind = subject.partition(":")[0]
    label, name = rows_of_kind(kind).lower(), kind.replace("_", "").lower()
    for model in governed_models():
        if model._meta.label_lower == label or (not label and model._meta.model_name == name):
            return model
    return None


def acts_on_row(model: type[models.Model], key: str) -> dict[int, LedgerEntry]:
    """Return by version the act that wrote it, whatever record that act was about. Cost: two queries by index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (r ->> 'history_id')::bigint, e.id FROM compliance_ledgerentry e"
            " CROSS JOIN LATERAL jsonb_array_elements(e.rows) r"
            " WHERE jsonb_path_query_array(e.rows, '$[*].pk') ?| %s AND r ->> 'model' = %s AND r ->> 'pk' = %s"
            " AND r ->> 'history_id' IS NOT NULL ORDER BY e.at DESC LIMIT %s",
            [[key], model._meta.label_lower, key, MOST_VERSIONS],
        )
        found = dict(cursor.fetchall())
    entries = LedgerEntry.objects.filter(pk__in=set(found.values())).select_related("verdict").in_bulk()
    return {version: entries[entry] for version, entry in found.items()}


def entries_of(subject: str, *, most: int = MOST_VERSIONS) -> QuerySet[LedgerEntry]:
    """Return the acts on a subject, newest first."""
    return LedgerEntry.objects.filter(subject=subject).select_related("verdict").order_by("-at", "-id")[:most]


def versions_of(subject: str) -> list[Version]:
    """Return the versions of a subject's row, oldest first, each with the act that wrote it. Cost: four queries."""
    model = model_of(subject)
    if model is None:
        return []
    key = subject.partition(":")[2]
    try:
        kept: Any = history_model(model)._default_manager
        rows: list[Any] = list(kept.filter(id=key).order_by("history_id")[:MOST_VERSIONS])
    except (ValidationError, ValueError):
        return []
    acts = acts_on_row(model, key)
    names = _names_of({row.history_user_id for row in rows} | _people_in(model, rows))
    names |= _others_in(model, rows)
    return [
        Version(
            number=number,
            history_id=row.history_id,
            at=row.history_date,
            by=acts[row.history_id].actor_name
            if row.history_id in acts
            else names.get(row.history_user_id, ""),
            kind=row.history_type,
            values={field.attname: _words(row, field, names) for field in _fields(model)},
            entry=acts.get(row.history_id),
        )
        for number, row in enumerate(rows, start=1)
    ]


def changes_between(subject: str, old: Version | None, new: Version) -> list[Change]:
    """Return every field in two versions, those that differ first."""
    model = model_of(subject)
    if model is None:
        return []
    changes = [
        Change(
            name=force_str(field.verbose_name) if _is_worded(field) else field_words(field.name),
            before=old.values[field.attname] if old else "",
            after=new.values[field.attname],
        )
        for field in _fields(model)
    ]
    return sorted(changes, key=lambda change: change.is_same)


@dataclass(frozen=True)
class LawThen:
    """The rule book a version was written under: the pack that judged the act, or the one in force at that moment."""

    pack: str
    live_from: datetime | None
    verdict_id: UUID | None
    allows: bool
    breached: tuple[str, ...]
    has_judged: bool


def law_of(entry: LedgerEntry | None, at: datetime | None) -> LawThen | None:
    """Return the rule pack of an act's verdict, else the one in force at a moment; None without either. Cost: one query."""
    verdict = entry.verdict if entry is not None else None
    if verdict is not None:
        live_from = RulePack.objects.filter(key=verdict.pack).values_list("live_from", flat=True).first()
        return LawThen(verdict.pack, live_from, verdict.pk, verdict.allows, tuple(verdict.breached), True)
    pack = live_pack(at) if at is not None else None
    return LawThen(pack.key, pack.live_from, None, True, (), False) if pack else None


def _fields(model: type[models.Model]) -> list[Any]:
    kept = {field.attname for field in history_model(model)._meta.concrete_fields}
    return [
        field
        for field in model._meta.concrete_fields
        if field.attname in kept and field.name not in UNSHOWN and not field.primary_key
    ]


def _is_worded(field: Any) -> bool:
    return isinstance(field._verbose_name, Promise)


def _people_in(model: type[models.Model], rows: Iterable[Any]) -> set[Any]:
    people = [field for field in _fields(model) if field.related_model is get_user_model()]
    return {getattr(row, field.attname) for row in rows for field in people}


def _others_in(model: type[models.Model], rows: Iterable[Any]) -> dict[Any, str]:
    """Return in words the records that versions point at; one that is gone keeps its key. Cost: a query for each kind."""
    found: dict[Any, str] = {}
    for field in _fields(model):
        if field.many_to_one and field.related_model is not get_user_model():
            keys = {getattr(row, field.attname) for row in rows} - {None}
            pointed = field.related_model._base_manager.in_bulk(keys) if keys else {}
            found |= {(field.related_model, key): str(one) for key, one in pointed.items()}
    return found


def _names_of(keys: set[Any]) -> dict[Any, str]:
    known = get_user_model().objects.filter(pk__in=[key for key in keys if key])
    return {person.pk: str(person) for person in known}


def _words(row: Any, field: Any, names: dict[Any, str]) -> str:
    value = getattr(row, field.attname)
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if field.many_to_one:
        return names.get(value) or names.get((field.related_model, value), str(value))
    if isinstance(value, (bytes, memoryview)):
        return f"{len(bytes(value))} B"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if field.choices:
        return force_str(dict(field.flatchoices).get(value, value))
    if isinstance(value, datetime):
        return f"{localtime(value):%Y-%m-%d %H:%M:%S}"
    return str(value)
