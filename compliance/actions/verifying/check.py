"""What a run of the whole check has seen so far, and how it reads large tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

READ_AT_ONCE = 5_000
NAMED_IN_A_TABLE = 2_000  # of one kind; what is beyond is counted, so that memory does not grow


@dataclass
class Check:
    """What a run has seen so far. Every difference is counted; of each kind in a table the first are named."""

    entries: int = 0
    rows: int = 0
    size: int = 0
    erased: int = 0  # versions that a sealed act destroyed
    found: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)  # by table and kind
    roots: dict[int, bytes] = field(default_factory=dict)

    def differs(self, kind: str, table: str, pk: object, said: str, **more: Any) -> None:
        """Count one difference, and name it where there is room: its kind, the row, the column where known, and words."""
        if self.names_more(kind, table):
            self.found.append({"kind": kind, "table": table, "pk": str(pk), "said": said, **more})
        self.counts[table, kind] += 1

    def names_more(self, kind: str, table: str) -> bool:
        """Return whether one more of a kind in a table would be named. What costs a query is asked for those alone."""
        return self.counts[table, kind] < NAMED_IN_A_TABLE

    @property
    def total(self) -> int:
        return self.counts.total()

    def first(self, most: int) -> list[dict[str, Any]]:
        """Return so many of what is named, from each table in turn, so that a table full of differences hides no other."""
        places: Counter[tuple[str, str]] = Counter()
        ranked = []
        for order, one in enumerate(self.found):
            key = one["table"], one["kind"]
            ranked.append((places[key], order))
            places[key] += 1
        return [self.found[order] for order in sorted(order for _place, order in sorted(ranked)[:most])]

    def counted(self) -> dict[str, dict[str, int]]:
        """Return how many differences of each kind every table has."""
        tables: dict[str, dict[str, int]] = {}
        for (table, kind), count in sorted(self.counts.items()):
            tables.setdefault(table, {})[kind] = count
        return tables


class streamed:
    """Read a large result in pieces through a server-side cursor of this transaction."""

    def __init__(self, sql: str, params: Sequence[Any] | None = None) -> None:
        self.sql, self.params = sql, params

    def __enter__(self) -> Iterator[Any]:
        connection.ensure_connection()
        with connection.cursor() as settings:
            # The whole result is read; the planner would otherwise plan for the first tenth of it.
            settings.execute("SET LOCAL cursor_tuple_fraction = 1.0")
        self.cursor = connection.connection.cursor(name="verification")
        self.cursor.itersize = READ_AT_ONCE
        self.cursor.execute(self.sql, self.params)
        rows: Iterator[Any] = iter(self.cursor)
        return rows

    def __exit__(self, *_problem: object) -> None:
        self.cursor.close()
