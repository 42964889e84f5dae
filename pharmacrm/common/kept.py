"""Short lists that change a few times a year, kept for a minute in the process that asks for them."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

_forget: list[Callable[[], None]] = []


def kept_for(seconds: float) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Keep what a function without arguments returns. The caller may not change it; a change is seen this much later."""

    def keep(read: Callable[[], Any]) -> Callable[[], Any]:
        kept: list[tuple[float, Any]] = []
        _forget.append(kept.clear)

        @wraps(read)
        def answer() -> Any:
            if kept and kept[0][0] > time.monotonic():
                return kept[0][1]
            fresh = read()
            kept[:] = [(time.monotonic() + seconds, fresh)]
            return fresh

        return answer

    return keep


def forget_all() -> None:
    """Forget everything kept, for tests: their rows go away under it."""
    for forget in _forget:
        forget()
