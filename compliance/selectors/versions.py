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


def governed_models() -> list[type[models.Model]]:
    """Return every model whose versions django-simple-history keeps, by table name."""
    found = [
        model
        for model in apps.get_models()
        if hasattr(model, "history") and hasattr(model.history, "model") and not _is_history(model)
    ]
    return sorted(found, key=lambda model: model._meta.db_table)


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
    """Return the canonical JSON of row versions named in an entry, as it stands now, where it still agrees."""
    found = []
    for row in rows:
        table = table_of_model(row["model"])
        if not table or not row["sha256"]:
            continue
        key, value = ("history_id", row["history_id"]) if row["history_id"] is not None else ("id", row["pk"])
        for text in canonical_texts(table, key, value):
            if sha256_of(text) == row["sha256"]:
                found.append(text)
                break
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
