"""How often somebody may try: failures counted for a while, by what they try at and where they try from."""

from __future__ import annotations

import hashlib
import logging

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def is_spent(*names: str, most: int) -> bool:
    """Return whether `most` failures stand against these names. A counter that does not answer stops nobody."""
    try:
        return int(cache.get(_key(names), 0)) >= most
    except (RedisError, OSError) as error:
        log.warning("Tries of %s are not counted: %s", names[0], error)
        return False


def count_failure(*names: str, seconds: int) -> None:
    """Count one failure; the counter ends `seconds` after the first."""
    try:
        cache.add(_key(names), 0, timeout=seconds)
        cache.incr(_key(names))
    except (RedisError, OSError, ValueError) as error:
        log.warning("A try at %s was not counted: %s", names[0], error)


def _key(names: tuple[str, ...]) -> str:
    return "tries:" + hashlib.sha256("\x1f".join(names).encode()).hexdigest()
