"""Row versions: which tables keep them, and the hash of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models

from compliance.models import Signature, StoredVerdict

APPEND_ONLY = (Signature, StoredVerdict)


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
