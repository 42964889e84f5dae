"""Many governed rows at once, each with its version in history."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any

from django.db import connection, models
from django.db.models import ProtectedError
from django.db.models.deletion import Collector
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from pharmacrm.common.errors import DomainError

BATCH = 2000
NOTHING = "\\N"


class RowsInUse(DomainError):
    """Something that was imported is used by now; nothing was taken back."""

    code = "rows_in_use"


def draft(model: type[models.Model], **values: Any) -> dict[str, Any]:
    """Return a row as values by column, defaults included: a fifth of the cost of a model instance."""
    fixed, made = _defaults(model)
    row = {**fixed, **values}
    for name, make in made.items():
        if name not in values:
            row[name] = make()
    return row


@lru_cache(maxsize=100)
def _defaults(model: type[models.Model]) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    fixed: dict[str, Any] = {}
    made: dict[str, Callable[[], Any]] = {}
    for field in _copied(model):
        if field.has_default() and callable(field.default):
            made[field.attname] = field.default
        else:
            fixed[field.attname] = field.get_default()
    return fixed, made


@lru_cache(maxsize=100)
def _copied(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.has_db_default()]


def _value(row: Any, name: str) -> Any:
    return row[name] if isinstance(row, dict) else getattr(row, name)


def create_all(model: type[models.Model], rows: Sequence[Any], *, by: Any, at: datetime) -> None:
    """Insert rows by COPY and their first versions by one statement over what was inserted.

    Three times as fast as bulk inserts, and the guards on both tables see the same rows. Cost: two statements.
    """
    if not rows:
        return
    copy_all(model, rows, at=at)
    history = model.history.model  # type: ignore[attr-defined]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(history._meta.get_field(field.name).column) for field in history.tracked_fields)
    live, versions = quote(model._meta.db_table), quote(history._meta.db_table)
    key = quote(model._meta.pk.column)  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {versions} ({columns}, history_date, history_type, history_user_id) "  # noqa: S608 - names
            f"SELECT {columns}, %s, '+', %s FROM {live} WHERE {key} = ANY(%s::uuid[])",
            [at, getattr(by, "pk", None), [str(_value(row, model._meta.pk.attname)) for row in rows]],  # type: ignore[union-attr]
        )


def copy_all(model: type[models.Model], rows: Sequence[Any], *, at: datetime) -> None:
    """Insert rows by COPY: model instances, or values that `draft` made. Cost: one statement.

    Columns that the database fills itself are left to it.
    """
    if not rows:
        return
    fields = _copied(model)
    names = [field.attname for field in fields]
    values_of = itemgetter(*names) if isinstance(rows[0], dict) else attrgetter(*names)
    now = [place for place, field in enumerate(fields) if getattr(field, "auto_now", False)]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in rows:
        values = list(values_of(row))
        for place in now:
            values[place] = at
        writer.writerow([value if type(value) is str else _text(value) for value in values])
    buffer.seek(0)
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN WITH (FORMAT csv, NULL '{NOTHING}')",
            buffer,
        )


def update_all(
    model: type[models.Model], rows: Sequence[Any], fields: Iterable[str], *, by: Any, at: datetime
) -> None:
    """Update rows with their next version."""
    if rows:
        bulk_update_with_history(
            rows, model, list(fields), batch_size=BATCH, default_user=by, default_date=at
        )


def delete_all(model: type[models.Model], rows: Sequence[Any], *, by: Any, at: datetime) -> None:
    """Delete rows, each with a last version that says so. Raises: RowsInUse when another row rests on one."""
    if not rows:
        return
    history = model.history.model  # type: ignore[attr-defined]
    tracked = [field.attname for field in history.tracked_fields]
    versions = [
        history(
            history_date=at,
            history_user=by,
            history_type="-",
            **{name: getattr(row, name) for name in tracked},
        )
        for row in rows
    ]
    delete_plain(model, [row.pk for row in rows])
    history.objects.bulk_create(versions, batch_size=BATCH)


def delete_plain(model: type[models.Model], keys: Sequence[Any]) -> None:
    """Delete rows and write no version of them. Raises: RowsInUse when another row rests on one.

    The collector only looks for what rests on the rows; its own deletion would write a version for each row, one by one.
    """
    rows = model._default_manager.filter(pk__in=keys)
    try:
        Collector(using=rows.db, origin=rows).collect(rows)
    except ProtectedError as used:
        raise RowsInUse(
            _(
                "%(count)d other records rest on the imported rows by now, so the import stays. Correct single rows instead."
            )
            % {"count": len(used.protected_objects)}
        ) from used
    rows._raw_delete(rows.db)  # type: ignore[attr-defined]


def _text(value: Any) -> str:
    """Return a value as COPY reads it."""
    if value is None:
        return NOTHING
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "\\x" + bytes(value).hex()
    if isinstance(value, (list, tuple)):
        text = '","'.join(map(str, value))
        if "\\" in text or text.count('"') != 2 * max(0, len(value) - 1):
            text = '","'.join(str(one).replace("\\", r"\\").replace('"', r"\"") for one in value)
        return '{"' + text + '"}' if value else "{}"
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
