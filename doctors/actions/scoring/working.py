"""What runs and trials share: room for large statements, and the working table of cohorts."""

from __future__ import annotations

from typing import Any

from django.db import connection

WORK_MEMORY = "SET LOCAL work_mem = '256MB'; SET LOCAL jit = off"


def execute_large(statement: str) -> None:
    """Execute a large statement in a transaction that gives it room."""
    with connection.cursor() as cursor:
        cursor.execute(WORK_MEMORY)
        cursor.execute(statement)


def map_cohorts(cursor: Any, cells: dict[tuple[str, str], tuple[int, int]]) -> None:
    """Make the working table that says which cohort, of which size, a specialty and band belong to."""
    cursor.execute(
        "CREATE TEMPORARY TABLE scoring_cohort AS SELECT * FROM"
        " unnest(%s::text[], %s::text[], %s::int[], %s::int[]) AS c(specialty, band, number, size)",
        [
            [specialty for specialty, _band in cells],
            [band for _specialty, band in cells],
            [number for number, _size in cells.values()],
            [size for _number, size in cells.values()],
        ],
    )
