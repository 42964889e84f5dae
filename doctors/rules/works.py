"""A publication, a guideline or a preference as the field proposes it: one value made of named parts. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

PUBLICATION = ("title", "journal", "day", "position", "pmid", "doi")
GUIDELINE = ("title", "issuer", "year", "role", "level")
PARTS = {"publication": PUBLICATION, "guideline": GUIDELINE}
NEEDED = {
    "publication": ("title", "journal", "day", "position"),
    "guideline": ("title", "issuer", "year", "role"),
}


def packed(kind: str, said: Mapping[str, str]) -> str:
    """Return the parts of a proposed publication or guideline as one value; nothing where none was said."""
    parts = {name: str(said.get(name) or "").strip() for name in PARTS[kind]}
    return json.dumps(parts, ensure_ascii=False) if any(parts.values()) else ""


def unpacked(kind: str, value: str) -> dict[str, str]:
    """Return the parts of a value, or nothing where it is none."""
    try:
        said = json.loads(value)
    except ValueError:
        return {}
    if not isinstance(said, dict):
        return {}
    return {name: str(said.get(name, "")) for name in PARTS[kind]}


def lacking(kind: str, value: str) -> tuple[str, ...]:
    """Return the parts a proposal needs and does not have."""
    said = unpacked(kind, value)
    return tuple(name for name in NEEDED[kind] if not said.get(name))


def day_parts(text: str) -> tuple[int, int, int] | None:
    """Return year, month and day of “2024”, “2024-03” or “2024-03-15”, 0 for what it does not say; None for no day."""
    parts = text.strip().replace("/", "-").split("-")
    if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    numbers = [int(part) for part in parts] + [0, 0]
    return (numbers[0], numbers[1], numbers[2]) if len(parts[0]) == 4 else None
