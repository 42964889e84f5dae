"""All signatures, and the acts whose receipts cover them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from compliance.models import LedgerEntry, Signature
from compliance.permissions import can_read_ledger
from compliance.selectors.log import NotSealedYet, receipt_of_row
from compliance.selectors.signatures import Stamp, signatures_of, stamp_of
from compliance.selectors.standing import ErasedWords, erased_since
from compliance.selectors.walls import may_read_versions
from compliance.subjects import is_key, is_open_to, parts_of


def signatures_matching(*, subject: str = "", signer: str = "") -> QuerySet[Signature]:
    """Return signatures by subject and by the printed name."""
    rows = Signature.objects.all()
    if subject:
        rows = rows.filter(subject=subject)
    return rows.filter(printed_name=signer) if signer else rows


def may_read_signatures(user: Any, subject: str) -> bool:
    """Return whether a person reads the signatures under a subject: who may open it, who reads the ledger, who signed it.

    The wall around a case holds for everybody. Cost: three queries at most.
    """
    kind, key = parts_of(subject)
    if not user.is_authenticated or not user.is_active or (kind == "case" and not is_key(key)):
        return False
    if not may_read_versions(user, subject):
        return False
    return bool(
        can_read_ledger(user)
        or is_open_to(user, subject)
        or Signature.objects.filter(subject=subject, signer=user).exists()
    )


def acts_of_signatures(signatures: Sequence[Signature]) -> dict[str, dict[str, Any]]:
    """Return by signature the first entry that committed to it, and its leaf number. Cost: one query by index."""
    keys = [str(one.pk) for one in signatures]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r ->> 'pk', e.id, e.event, l.number FROM compliance_ledgerentry e "
            "CROSS JOIN LATERAL jsonb_array_elements(e.rows) r "
            "LEFT JOIN compliance_ledgerleaf l ON l.entry_id = e.id "
            "WHERE jsonb_path_query_array(e.rows, '$[*].pk') ?| %s "
            "AND r ->> 'model' = 'compliance.signature' AND r ->> 'pk' = ANY(%s) ORDER BY e.id DESC",
            [keys, keys],
        )
        return {row[0]: {"entry": row[1], "event": row[2], "number": row[3]} for row in cursor.fetchall()}


@dataclass(frozen=True)
class Signed(Stamp):
    """A stamp with its key, what it stands under, the act that committed to it, and who took words out of that since."""

    id: UUID
    subject: str
    method: str
    entry: UUID | None
    event: str
    leaf: int | None
    erased_by: str
    erased_at: datetime | None
    erased_entry: UUID | None
    receipt: dict[str, Any] | None


def manifest_of(subject: str) -> list[Signed]:
    """Return every signature under a subject, oldest first, with its act and its receipt.

    Cost: a fixed number of queries, and five for the receipt of each signature.
    """
    rows = list(signatures_of(subject))
    acts, erased = acts_of_signatures(rows), erased_since(rows)
    return [
        Signed(
            **asdict(stamp_of(one)),
            id=one.pk,
            subject=one.subject,
            method=one.method,
            entry=acts.get(str(one.pk), {}).get("entry"),
            event=acts.get(str(one.pk), {}).get("event", ""),
            leaf=acts.get(str(one.pk), {}).get("number"),
            **_erased(erased.get(str(one.pk))),
            receipt=receipt_of_signature(one),
        )
        for one in rows
    ]


def _erased(words: ErasedWords | None) -> dict[str, Any]:
    return {
        "erased_by": words.decision if words else "",
        "erased_at": words.at if words else None,
        "erased_entry": words.entry if words else None,
    }


def receipt_of_signature(signature: Signature) -> dict[str, Any] | None:
    """Return the receipt of the act that committed to a signature, with the signature's own row; None until it is sealed."""
    act = acts_of_signatures([signature]).get(str(signature.pk))
    if act is None or act["number"] is None:
        return None
    try:
        entry = LedgerEntry.objects.get(pk=act["entry"])
        return receipt_of_row(entry, signature._meta.label_lower, str(signature.pk))
    except NotSealedYet:
        return None


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
