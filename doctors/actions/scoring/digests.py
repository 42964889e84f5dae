"""SHA-256 over the rows of a statement: what went into a run, and what came out."""

from __future__ import annotations

import hashlib

from django.db import connection


def digest_of(select: str) -> str:
    """Return the SHA-256 of a statement's rows as PostgreSQL writes them to a text file. Cost: one ordered scan."""
    return digest_and_count_of(select)[0]


def digest_and_count_of(select: str) -> tuple[str, int]:
    """Return the digest of a statement's rows, and how many they are. Cost: one ordered scan."""
    sink = _HashFile()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({select}) TO STDOUT", sink)
        return sink.digest.hexdigest(), int(cursor.rowcount)


class _HashFile:
    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def write(self, chunk: str | bytes) -> int:
        self.digest.update(chunk.encode() if isinstance(chunk, str) else chunk)
        return len(chunk)
