"""All signatures, and the acts whose receipts cover them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from compliance.models import LedgerEntry, Signature


def signatures_matching(*, subject: str = "", signer: str = "") -> QuerySet[Signature]:
    """Return signatures by subject and by the printed name."""
    rows = Signature.objects.all()
    if subject:
        rows = rows.filter(subject=subject)
    return rows.filter(printed_name=signer) if signer else rows


def acts_of_signatures(signatures: Sequence[Signature]) -> dict[str, dict[str, Any]]:
    """Return by signature the entry that committed to it, and its leaf number. Cost: one query by index."""
    keys = [str(one.pk) for one in signatures]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r ->> 'pk', e.id, e.event, l.number FROM compliance_ledgerentry e "
            "CROSS JOIN LATERAL jsonb_array_elements(e.rows) r "
            "LEFT JOIN compliance_ledgerleaf l ON l.entry_id = e.id "
            "WHERE jsonb_path_query_array(e.rows, '$[*].pk') ?| %s "
            "AND r ->> 'model' = 'compliance.signature' AND r ->> 'pk' = ANY(%s)",
            [keys, keys],
        )
        return {row[0]: {"entry": row[1], "event": row[2], "number": row[3]} for row in cursor.fetchall()}


def act_of_row(row: Any) -> LedgerEntry | None:
    """Return the first entry that committed to a row: the act it came from. Cost: two queries by index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id FROM compliance_ledgerentry e CROSS JOIN LATERAL jsonb_array_elements(e.rows) r "
            "WHERE jsonb_path_query_array(e.rows, '$[*].pk') ?| %s AND r ->> 'model' = %s AND r ->> 'pk' = %s "
            "ORDER BY e.at LIMIT 1",
            [[str(row.pk)], row._meta.label_lower, str(row.pk)],
        )
        found = cursor.fetchone()
    return LedgerEntry.objects.get(pk=found[0]) if found else None
