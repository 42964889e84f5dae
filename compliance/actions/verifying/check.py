"""What a run of the whole check has seen so far, and how it reads large tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

READ_AT_ONCE = 5_000


@dataclass
class Check:
    """What a run has seen so far."""

    entries: int = 0
    rows: int = 0
    size: int = 0
    erased: int = 0  # versions that a sealed act destroyed
    found: list[dict[str, Any]] = field(default_factory=list)
    roots: dict[int, bytes] = field(default_factory=dict)

    def differs(self, kind: str, table: str, pk: object, said: str, **more: Any) -> None:
        """Note one difference: its kind, the row, the column where known, and words."""
        self.found.append({"kind": kind, "table": table, "pk": str(pk), "said": said, **more})


class streamed:
    """Read a large result in pieces through a server-side cursor of this transaction."""

    def __init__(self, sql: str) -> None:
        self.sql = sql

    def __enter__(self) -> Iterator[Any]:
        connection.ensure_connection()
        self.cursor = connection.connection.cursor(name="verification")
        self.cursor.itersize = READ_AT_ONCE
        self.cursor.execute(self.sql)
        rows: Iterator[Any] = iter(self.cursor)
        return rows

    def __exit__(self, *_problem: object) -> None:
        self.cursor.close()
