"""Several sessions of the database that work at once, each on some of the cohorts, in working tables of its own.

A working table belongs to its session and keeps the database to one core. Ranks are worked out within cohorts, so
cohorts can be parted among sessions; what comes out is the same whatever the parting.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from types import TracebackType
from typing import Any, TypeVar

from django.db import connection, transaction

Found = TypeVar("Found")
MOST = 2  # more bring little: one disk, and each session reads the facts of everybody


def sessions_at_hand() -> int:
    """Return how many sessions may share the work: one inside a transaction, whose rows no other session sees."""
    return 1 if connection.in_atomic_block else min(MOST, os.cpu_count() or 1)


class Sessions:
    """Sessions for one run, each with its own thread; with a count of one, the caller's own session."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._threads = [ThreadPoolExecutor(max_workers=1) for _n in range(count)] if count > 1 else []

    def __enter__(self) -> Sessions:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for thread in self._threads:
            thread.submit(lambda: connection.close())  # that of the thread; its working tables end with it
            thread.shutdown()

    def each(self, act: Callable[[int], Found]) -> list[Found]:
        """Do an act in every session, told its number, each in a transaction; wait for all. Raises: what one raised."""
        return self.all_of([lambda n=n: act(n) for n in range(self.count)])  # type: ignore[misc]

    def one_look(self) -> Callable[[Any], None]:
        """Return what a session says first in its transaction to see the rows just as this one does now, and the others.

        A doctor who moves to another cohort meanwhile would else be seen twice, or by nobody. Call inside a
        transaction that lasts until all have looked.
        """
        if not self._threads:
            return lambda _cursor: None
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]

        def look(cursor: Any) -> None:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])

        return look

    def all_of(self, acts: list[Callable[[], Found]]) -> list[Found]:
        """Do several acts at once as far as there are sessions, in order of the sessions. Raises: what one raised."""
        if not self._threads:
            return [act() for act in acts]
        begun = [
            self._threads[place % self.count].submit(_in_transaction, act) for place, act in enumerate(acts)
        ]
        wait(begun)
        return [one.result() for one in begun]


def parted(sizes: Mapping[int, int], count: int) -> list[set[int]]:
    """Part cohorts among sessions so that each has about as many doctors: the largest first, to who has least."""
    parts: list[set[int]] = [set() for _n in range(count)]
    loads = [0] * count
    for number, size in sorted(sizes.items(), key=lambda one: (-one[1], one[0])):
        place = loads.index(min(loads))
        parts[place].add(number)
        loads[place] += size
    return parts


def _in_transaction(act: Callable[[], Found]) -> Found:
    with transaction.atomic():
        return act()
