"""The exact bytes that a ledger leaf commits to."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from operator import itemgetter
from struct import pack
from typing import Any

import orjson

VERSION = 2  # since 2 a reason stands in the leaf as a salted digest, so that its words can be destroyed
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
IN_ORDER = [(FIELDS.index(name), f'"{name}":'.encode()) for name in sorted(FIELDS)]
IN_FIELDS = itemgetter(*FIELDS)
INLINE_ROWS = 100
INLINE_CHARACTERS = 8_000


def canonical_bytes(values: Mapping[str, Any]) -> bytes:
    """Return canonical JSON: sorted keys, no spaces, UTF-8, moments in UTC with microseconds.

    `values` holds all of FIELDS; the field `version` says which of these rules was followed. More than 100 rows or
    8,000 characters stand in the leaf as their SHA-256, so a leaf always fits an entry bundle (C2SP tlog-tiles).
    """
    return _joined(_texts(values))


def salted(reason: str) -> dict[str, str]:
    """Return what an entry keeps of a reason: the words, a salt of 16 bytes, and the digest that the leaf commits to."""
    if not reason:
        return {"reason": "", "reason_salt": "", "reason_sha256": ""}
    salt = os.urandom(16).hex()
    return {"reason": reason, "reason_salt": salt, "reason_sha256": reason_digest(salt, reason)}


def reason_digest(salt: str, reason: str) -> str:
    """Return SHA-256 over the salt's 32 hex digits and the words. Without the salt nobody can try words out on it."""
    return hashlib.sha256(f"{salt}{reason}".encode()).hexdigest()


def leaf_reason(reason: str, digest: str) -> str | dict[str, str]:
    """Return what a leaf says of a reason: a salted digest, or the words themselves in an entry of the first version."""
    return {"salted_sha256": digest} if digest else reason


def leaf_of(values: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Return an entry's leaf hash and its field marks."""
    texts = _texts(values)
    return leaf_hash(_joined(texts)), _marks(texts)


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf. Source: RFC 6962, 2.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def field_marks(values: Mapping[str, Any]) -> bytes:
    """Return four bytes for each field, kept beside the leaf only to say which field changed; no proof rests on them."""
    return _marks(_texts(values))


def changed_fields(values: Mapping[str, Any], marks: bytes) -> list[str]:
    """Return the fields whose mark differs from the one kept at sealing."""
    now = field_marks(values)
    return [
        name
        for place, name in enumerate(FIELDS)
        if now[place * 4 : place * 4 + 4] != bytes(marks[place * 4 : place * 4 + 4])
    ]


def _texts(values: Mapping[str, Any]) -> list[bytes]:
    """Return the canonical JSON of each field: written once, for the leaf and for its mark."""
    return [
        orjson.dumps(value)
        if value is None or (type(value) is str and len(value) <= INLINE_CHARACTERS)  # most are
        else _sorted(_plain(value))
        for value in IN_FIELDS(values)
    ]


def _joined(texts: list[bytes]) -> bytes:
    return b"{" + b",".join([key + texts[place] for place, key in IN_ORDER]) + b"}"


def _marks(texts: list[bytes]) -> bytes:
    return pack(f">{len(FIELDS)}I", *map(zlib.crc32, texts))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, str):
        return value if len(value) <= INLINE_CHARACTERS else _digest(value.encode(), len(value))
    if isinstance(value, list):
        return value if len(value) <= INLINE_ROWS else _digest(_sorted(value), len(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value if isinstance(value, dict) else str(value)


def _digest(content: bytes, count: int) -> dict[str, Any]:
    return {"count": count, "sha256": hashlib.sha256(content).hexdigest()}


def _sorted(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
