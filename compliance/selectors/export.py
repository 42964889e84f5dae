"""The whole log as files that others' tools read. Source: C2SP tlog-tiles, tlog-checkpoint."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.db import connection

from compliance.log.canonical import canonical_bytes
from compliance.log.merkle import TILE_WIDTH
from compliance.models import LedgerLeaf, TreeNode
from compliance.selectors.log import (
    ENTRY_COLUMNS,
    NotSealedYet,
    as_values,
    key_words,
    latest_checkpoint,
    own_keys,
)
from compliance.verify import verify as program

HASH_LEVELS = 8


def write_log(folder: Path) -> int:
    """Write the log up to the newest checkpoint: tiles, entry bundles, checkpoint, key and the verifier.

    Returns: how many entries. Raises: NotSealedYet before the first checkpoint. Cost: one query for each tile.
    """
    checkpoint = latest_checkpoint()
    if checkpoint is None:
        raise NotSealedYet("There is no checkpoint yet.")
    size = checkpoint.size
    folder.mkdir(parents=True, exist_ok=True)
    for level in range(HASH_LEVELS):
        for width, name in program.tiles_of(size >> (8 * level)):
            first = _first(name)
            _write(folder / "tile" / str(level) / name, b"".join(_hashes(level, first, first + width)))
    for width, name in program.tiles_of(size):
        first = _first(name)
        _write(folder / "tile" / "entries" / name, _bundle(first, first + width))
    _write(folder / "checkpoint", checkpoint.note.encode())
    _write(folder / "key", f"{own_keys()[0][0]}\n".encode())
    for name, word in key_words().items():
        _write(folder / "keys" / name, word.encode())
    shutil.copyfile(program.__file__, folder / "verify.py")
    return size


def _first(name: str) -> int:
    """Return the first hash of the tile at a path such as x001/234.p/5."""
    digits = name.partition(".p/")[0].replace("x", "").replace("/", "")
    return int(digits) * TILE_WIDTH


def _hashes(level: int, low: int, high: int) -> list[bytes]:
    if level == 0:
        found = LedgerLeaf.objects.filter(number__gte=low, number__lt=high).order_by("number")
        return [bytes(digest) for digest in found.values_list("leaf_hash", flat=True)]
    nodes = TreeNode.objects.filter(level=level, index__gte=low, index__lt=high).order_by("index")
    return [bytes(digest) for digest in nodes.values_list("node_hash", flat=True)]


def _bundle(low: int, high: int) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {ENTRY_COLUMNS} FROM compliance_ledgerleaf l JOIN compliance_ledgerentry e ON e.id = l.entry_id "  # noqa: S608
            "WHERE l.number >= %s AND l.number < %s ORDER BY l.number",
            [low, high],
        )
        entries = [canonical_bytes(as_values(row)) for row in cursor.fetchall()]
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
