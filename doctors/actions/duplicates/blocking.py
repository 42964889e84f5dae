"""Which records are worth comparing: those that share a key. Set-based, in temporary tables of the transaction.

A key shared by more than `MOST_TO_A_KEY` records says too little and is left out; how many were is said in the manifest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

MOST_TO_A_KEY = 60
PAIRS_AT_ONCE = 5_000

BASE = """
    CREATE TEMPORARY TABLE match_base ON COMMIT DROP AS
    SELECT d.id, i.name, i.readings, left(d.division_code, 4) AS city,
           coalesce(h.parent_id, h.id)::text AS root, coalesce(p.code, nullif(d.department_name, '')) AS department
      FROM doctors_doctor d
      JOIN doctors_doctoridentity i ON i.doctor_id = d.id
      LEFT JOIN doctors_hospital h ON h.id = d.hospital_id
      LEFT JOIN doctors_department p ON p.id = d.department_id
     WHERE d.merged_into_id IS NULL AND d.status <> 'erased'"""
KEYS = """
    CREATE TEMPORARY TABLE match_key ON COMMIT DROP AS
    SELECT DISTINCT id, hashtextextended(key, 0) AS key FROM (
        SELECT id, 'name|' || name AS key FROM match_base
        UNION ALL
        SELECT id, 'city|' || name || '|' || city FROM match_base WHERE city <> ''
        UNION ALL
        SELECT id, 'work|' || name || '|' || department FROM match_base WHERE department IS NOT NULL
        UNION ALL
        SELECT id, 'read|' || reading || '|' || root FROM match_base, unnest(readings) AS reading WHERE root IS NOT NULL
        UNION ALL
        SELECT id, 'near|' || reading || '|' || city || '|' || department
          FROM match_base, unnest(readings) AS reading WHERE city <> '' AND department IS NOT NULL
        UNION ALL
        SELECT id, 'slip|' || left(name, place - 1) || '_' || substr(name, place + 1) || '|' || root
          FROM match_base, generate_series(2, char_length(name)) AS place
         WHERE root IS NOT NULL AND char_length(name) BETWEEN 3 AND 12
        UNION ALL
        SELECT b.id, 'call|' || c.whole_index
          FROM doctors_contactpoint c JOIN match_base b ON b.id = c.doctor_id WHERE c.is_active
    ) AS keys"""
COUNTS = """
    CREATE TEMPORARY TABLE match_count ON COMMIT DROP AS
    SELECT key, count(*) AS records FROM match_key GROUP BY key HAVING count(*) > 1"""
PAIRS = """
    CREATE TEMPORARY TABLE match_candidate ON COMMIT DROP AS
    WITH one AS (
        SELECT k.id, k.key FROM match_key k JOIN match_count c ON c.key = k.key AND c.records <= %s
    )
    SELECT DISTINCT a.id AS low, b.id AS high FROM one a JOIN one b ON b.key = a.key AND a.id < b.id"""
TOO_COMMON = "SELECT count(*) FROM match_count WHERE records > %s"
# Some fifteen million keys are put together and counted: with the usual few megabytes that is done on the disk.
ROOM = "SET LOCAL work_mem = '256MB'; SET LOCAL jit = off"


@dataclass(frozen=True)
class Blocked:
    """What blocking left: records looked at, pairs to compare, keys that too many records share."""

    records: int
    pairs: int
    common_keys: int


def block_doctors() -> Blocked:
    """Find the pairs that share a key, into `match_candidate`. Call inside a transaction.

    Cost: a handful of statements over the base; keys are counted once.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS match_base, match_key, match_count, match_candidate")
        cursor.execute(ROOM)
        cursor.execute(BASE)
        records = cursor.rowcount
        cursor.execute(KEYS)
        cursor.execute("ANALYZE match_key")
        cursor.execute(COUNTS)
        cursor.execute("ANALYZE match_count")
        cursor.execute(PAIRS, [MOST_TO_A_KEY])
        pairs = cursor.rowcount
        cursor.execute(TOO_COMMON, [MOST_TO_A_KEY])
        return Blocked(records, pairs, cursor.fetchone()[0])


def candidate_batches(*, size: int = PAIRS_AT_ONCE) -> Iterator[list[tuple[UUID, UUID]]]:
    """Return the pairs of `match_candidate` in order, some thousands at a time."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX ON match_candidate (low, high)")
        low, high = UUID(int=0), UUID(int=0)
        while True:
            cursor.execute(
                "SELECT low, high FROM match_candidate WHERE (low, high) > (%s, %s) ORDER BY low, high LIMIT %s",
                [str(low), str(high), size],
            )
            found = cursor.fetchall()
            if not found:
                return
            yield found
            low, high = found[-1]
