"""Governed rows against their newest versions."""

from __future__ import annotations

from django.db import models

from compliance.log.notes import Stated
from compliance.selectors.versions import governed_models, history_model

from .check import Check, streamed


def check_live_rows(check: Check, kept: list[Stated]) -> None:
    """Compare every governed row with its newest version."""
    for model in governed_models():
        live, versions = model._meta.db_table, history_model(model)._meta.db_table
        columns = compared_columns(model)
        fields = ", ".join(
            f'CASE WHEN l."{name}" IS DISTINCT FROM v."{name}" THEN \'{name}\' END' for name in columns
        )
        same = " AND ".join(f'l."{name}" IS NOT DISTINCT FROM v."{name}"' for name in columns)
        label = model._meta.label_lower
        with streamed(
            f"SELECT coalesce(l.id, v.id)::text, l.id IS NULL, v.id IS NULL OR v.history_type = '-', "  # noqa: S608
            f'v.history_id, array_remove(ARRAY[{fields}]::text[], NULL) FROM "{live}" l FULL JOIN '
            f'(SELECT DISTINCT ON (id) * FROM "{versions}" ORDER BY id, history_id DESC) v ON v.id = l.id '
            f"WHERE (l.id IS NULL AND v.history_type <> '-') OR (l.id IS NOT NULL AND "
            f"(v.id IS NULL OR v.history_type = '-' OR NOT ({same})))"
        ) as wrong:
            for pk, is_gone, is_new, history_id, names in wrong:
                kind = "deleted" if is_gone else "inserted" if is_new else "changed"
                said = {
                    "deleted": f"{label} {pk} is gone without a version that says so",
                    "inserted": f"{label} {pk} has no version",
                    "changed": f"{label} {pk}: {', '.join(names)} differs from its newest version",
                }[kind]
                check.differs(
                    kind, live, pk, said, history_id=history_id, fields=names if kind == "changed" else []
                )


def compared_columns(model: type[models.Model]) -> list[str]:
    """Return the columns that a row and its versions share. `created_at` is set by the database on each of the two."""
    kept = {column.column for column in history_model(model)._meta.local_concrete_fields}
    return [
        column.column
        for column in model._meta.concrete_fields
        if column.column in kept and column.column != "created_at" and not getattr(column, "generated", False)
    ]
