"""The act behind each difference: who wrote the row last, when, and what it was."""

from __future__ import annotations

from typing import Any

from django.db import connection


def with_acts(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add to each difference the act that wrote the row last: who, when, what. Cost: one pass over the entries."""
    if not found:
        return []
    columns = "e.id::text, e.event, e.subject, e.actor_name, e.at"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT ON (r ->> 'pk') r ->> 'pk', {columns} FROM compliance_ledgerentry e, "  # noqa: S608
            "jsonb_array_elements(e.rows) r WHERE r ->> 'pk' = ANY(%s) ORDER BY r ->> 'pk', e.at DESC, e.id DESC",
            [[one["pk"] for one in found]],
        )
        by_row = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(
            f"SELECT e.id::text, {columns} FROM compliance_ledgerentry e WHERE e.id = ANY(%s::uuid[])",  # noqa: S608
            [[one["entry"] for one in found if one.get("entry")]],
        )
        by_entry = {row[0]: row[1:] for row in cursor.fetchall()}
    return [_with_act(one, by_entry.get(one.get("entry", "")) or by_row.get(one["pk"])) for one in found]


def _with_act(one: dict[str, Any], act: tuple[Any, ...] | None) -> dict[str, Any]:
    if act is None:
        return one
    entry, event, subject, by, at = act
    return one | {"act": {"entry": entry, "event": event, "subject": subject, "by": by, "at": at.isoformat()}}
