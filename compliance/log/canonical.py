"""The exact bytes that a ledger leaf commits to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

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


def canonical_bytes(values: Mapping[str, Any]) -> bytes:
    """Return canonical JSON: sorted keys, no spaces, UTF-8, moments in UTC with microseconds.

    `values` holds all of FIELDS; the field `version` says which of these rules was followed.
    """
    body = {name: _plain(values[name]) for name in FIELDS}
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf. Source: RFC 6962, 2.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if value is None or isinstance(value, (str, int, bool, list, dict)):
        return value
    return str(value)
