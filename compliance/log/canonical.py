"""The exact bytes that a ledger leaf commits to."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

VERSION = 1
FIELDS = (
    "id",
    "version",
    "event",
    "subject",
    "actor_id",
    "actor_name",
    "actor_roles",
    "at",
    "device_at",
    "reason",
    "verdict_id",
    "rows",
)
INLINE_ROWS = 100
INLINE_CHARACTERS = 8_000


def canonical_bytes(values: Mapping[str, Any]) -> bytes:
    """Return canonical JSON: sorted keys, no spaces, UTF-8, moments in UTC with microseconds.

    `values` holds all of FIELDS; the field `version` says which of these rules was followed. More than 100 rows or
    8,000 characters stand in the leaf as their SHA-256, so a leaf always fits an entry bundle (C2SP tlog-tiles).
    """
    return _sorted(_body(values))


def leaf_of(values: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Return an entry's leaf hash and its field marks."""
    body = _body(values)
    return leaf_hash(_sorted(body)), _marks(body)


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf. Source: RFC 6962, 2.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def field_marks(values: Mapping[str, Any]) -> bytes:
    """Return four bytes for each field, kept beside the leaf only to say which field changed; no proof rests on them."""
    return _marks(_body(values))


def changed_fields(values: Mapping[str, Any], marks: bytes) -> list[str]:
    """Return the fields whose mark differs from the one kept at sealing."""
    now = field_marks(values)
    return [
        name
        for place, name in enumerate(FIELDS)
        if now[place * 4 : place * 4 + 4] != bytes(marks[place * 4 : place * 4 + 4])
    ]


def _body(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(values[name]) for name in FIELDS}


def _marks(body: dict[str, Any]) -> bytes:
    return b"".join(zlib.crc32(_sorted(value)).to_bytes(4, "big") for value in body.values())


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= INLINE_CHARACTERS else _digest(value.encode(), len(value))
    if value is None or isinstance(value, (int, dict)):
        return value
    if isinstance(value, list):
        return value if len(value) <= INLINE_ROWS else _digest(_sorted(value), len(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return str(value)


def _digest(content: bytes, count: int) -> dict[str, Any]:
    return {"count": count, "sha256": hashlib.sha256(content).hexdigest()}


def _sorted(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
