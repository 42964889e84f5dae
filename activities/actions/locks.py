"""A lock on a key whose row may not exist yet."""

from __future__ import annotations

from uuid import UUID

from django.db import connection


def lock_key(key: UUID) -> None:
    """Let one transaction at a time work on a client-made key, until it ends. Cost: one query."""
    low = int.from_bytes(key.bytes[8:], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [low])
