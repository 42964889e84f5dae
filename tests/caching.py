"""The suite's cache: in the memory of the process, with what ours in Redis can do besides Django's."""

from django.core.cache.backends.locmem import LocMemCache


class CountingMemory(LocMemCache):
    def count(self, key: str, timeout: int) -> int:
        self.add(key, 0, timeout=timeout)
        return int(self.incr(key))
