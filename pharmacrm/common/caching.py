"""The cache in Redis. Django makes a client for every question asked, and a client takes longer to make than to answer."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class KeptClient(RedisCacheClient):
    """Asks through one client for each server. A client keeps no connection of its own: it borrows from the pool."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clients: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        index = self._get_connection_pool_index(write)  # type: ignore[attr-defined]
        if index not in self._clients:
            self._clients[index] = super().get_client(key, write=write)
        return self._clients[index]

    def count(self, key: str, timeout: int) -> int:
        """Add one to a counter and return it, in one question to the server."""
        with self.get_client(key, write=True).pipeline(transaction=False) as asked:
            asked.incr(key).expire(key, timeout)
            return int(asked.execute()[0])


class KeptClientCache(RedisCache):
    """Django's cache in Redis with clients that are kept."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient

    def count(self, key: str, timeout: int) -> int:
        """Add one to a counter that lasts `timeout` seconds from now, and return it. Raises: RedisError."""
        return int(self._cache.count(self.make_and_validate_key(key), timeout))  # type: ignore[attr-defined]
