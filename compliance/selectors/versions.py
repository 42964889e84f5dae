"""Row versions: which tables keep them, and the hash of each."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models

from compliance.models import Signature, StoredVerdict, TableShape

APPEND_ONLY = (Signature, StoredVerdict)
SECRETS = frozenset({"password"})


@cache
def governed_models() -> tuple[type[models.Model], ...]:
    """Return every model whose versions django-simple-history keeps, by table name. They are known once apps are."""
    found = [
        model
        for model in apps.get_models()
        if hasattr(model, "history") and hasattr(model.history, "model") and not _is_history(model)
    ]
    return tuple(sorted(found, key=lambda model: model._meta.db_table))


def history_model(model: type[models.Model]) -> type[models.Model]:
    """Return the model of a governed model's versions."""
    versions: type[models.Model] = model.history.model  # type: ignore[attr-defined]
    return versions


def unversioned_columns(model: type[models.Model]) -> list[str]:
    """Return the columns that a model keeps out of its versions and that may change unseen. A password never may."""
    kept = {field.column for field in history_model(model)._meta.local_concrete_fields}
    return sorted(
        field.column
        for field in model._meta.concrete_fields
        if field.column not in kept and field.column not in SECRETS
    )


@cache
def _labels() -> dict[str, str]:
    names = {history_model(model)._meta.db_table: model._meta.label_lower for model in governed_models()}
    return names | {model._meta.db_table: model._meta.label_lower for model in APPEND_ONLY}


def version_tables() -> list[str]:
    """Return the tables that keep row versions: histories, verdicts, signatures."""
    return sorted(_labels())


def model_of_table(table: str) -> str:
    """Return the label of the model whose versions a table keeps, or an empty string."""
    return _labels().get(table, "")


def latest_versions(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Return {model, pk, history_id, sha256} of the newest version of each row. Cost: one query for each model.

    A row of a model that keeps no versions is named, with an empty hash.
    """
    by_model: dict[type[models.Model], list[str]] = defaultdict(list)
    for row in rows:
        by_model[type(row)].append(str(row.pk))
    found: list[dict[str, Any]] = []
    for model, keys in by_model.items():
        label = model._meta.label_lower
        if hasattr(model, "history"):
            seen = _hashes(history_model(model)._meta.db_table, model, keys, history=True)
        elif model in APPEND_ONLY:
            seen = _hashes(model._meta.db_table, model, keys, history=False)
        else:
            seen = [(key, None, "") for key in keys]
        found += [
            {"model": label, "pk": pk, "history_id": history_id, "sha256": sha256}
            for pk, history_id, sha256 in seen
        ]
    return found


def _hashes(
    table: str, model: type[models.Model], keys: list[str], *, history: bool
) -> list[tuple[str, int | None, str]]:
    key, kind = model._meta.pk.column, model._meta.pk.db_type(connection)
    version, order = ("history_id", ", history_id DESC") if history else ("NULL::bigint", "")
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT DISTINCT ON (t."{key}") t."{key}"::text, {version}, {digest_sql("t")} '  # noqa: S608 - names from models
            f'FROM "{table}" t WHERE t."{key}" = ANY(%s::{kind}[]) ORDER BY t."{key}"{order}',
            [keys],
        )
        return list(cursor.fetchall())


def digest_sql(alias: str) -> str:
    """Return SQL for the SHA-256 of a row's canonical JSON: PostgreSQL's jsonb text, UTF-8, hex."""
    return f"encode(sha256(convert_to(to_jsonb({alias})::text, 'UTF8')), 'hex')"


def _is_history(model: type[models.Model]) -> bool:
    return any(field.name == "history_id" for field in model._meta.fields)


def canonical_rows(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Return the canonical JSON of row versions named in entries, as it stands now, where it still agrees.

    Cost: one query for each table, and one more for a version that its table's present columns do not explain.
    """
    asked = [row for row in rows if row["sha256"]]
    found = texts_of(asked)
    return [found[row["sha256"]] for row in asked if row["sha256"] in found]


def texts_of(rows: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Return the canonical JSON of row versions by the hash that an entry gives each, where it still agrees."""
    by_table: dict[tuple[str, str], dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        if (table := table_of_model(row["model"])) and row["sha256"]:
            key = "history_id" if row["history_id"] is not None else "id"
            by_table[table, key][row["sha256"]] = row
    found: dict[str, str] = {}
    for (table, key), asked in by_table.items():
        values = [str(row["history_id"] if key == "history_id" else row["pk"]) for row in asked.values()]
        kind = "bigint" if key == "history_id" else "uuid"
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT to_jsonb(t)::text FROM "{table}" t WHERE t."{key}" = ANY(%s::{kind}[])',  # noqa: S608 - names from models
                [values],
            )
            now = {sha256_of(row[0]): row[0] for row in cursor.fetchall()}
        for sha256, row in asked.items():
            older = [] if sha256 in now else canonical_texts(table, key, row["history_id"] or row["pk"])[1:]
            text = now.get(sha256) or next((text for text in older if sha256_of(text) == sha256), None)
            if text is not None:
                found[sha256] = text
    return found


def table_of_model(label: str) -> str:
    """Return the table that keeps a model's versions, or an empty string."""
    return next((table for table, known in _labels().items() if known == label), "")


def canonical_texts(table: str, key: str, value: Any) -> list[str]:
    """Return a row's canonical JSON under each set of columns its table had, newest first."""
    texts = []
    for columns in [None, *_older_shapes(table)]:
        body = "to_jsonb(t)" if columns is None else "to_jsonb(t) - %s::text[]"
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT ({body})::text FROM "{table}" t WHERE t."{key}" = %s',  # noqa: S608 - names from models
                [value] if columns is None else [columns, value],
            )
            texts += [row[0] for row in cursor.fetchall()]
    return texts


def _older_shapes(table: str) -> list[list[str]]:
    """Return, for each earlier set of columns, those that came later."""
    shapes = list(
        TableShape.objects.filter(table_name=table).order_by("-id").values_list("columns", flat=True)
    )
    return [sorted(set(shapes[0]) - set(shape)) for shape in shapes[1:]] if shapes else []


def model_of_live_table(table: str) -> str:
    """Return the label of the governed model that a table holds, or an empty string."""
    return next((model._meta.label_lower for model in governed_models() if model._meta.db_table == table), "")


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a row's canonical JSON, as entries name it."""
    return hashlib.sha256(text.encode()).hexdigest()
