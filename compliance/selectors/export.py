"""The whole log as files that others' tools read. Source: C2SP tlog-tiles, tlog-checkpoint.

tile/…  checkpoint  key  keys/…  verify.py    what `verify.py ledger` reads: every entry, the tree, the signed root
checkpoints/<size>                            every checkpoint ever signed
more/long.jsonl                               rows and reasons too long for a leaf, which holds their digest
more/verdicts.jsonl  more/signatures.jsonl    what entries commit to beside themselves, as canonical JSON
more/people.json                              names of the people who acted, judged or signed
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection

from compliance.log.canonical import INLINE_CHARACTERS, INLINE_ROWS, canonical_bytes
from compliance.log.merkle import TILE_WIDTH
from compliance.models import Checkpoint, LedgerEntry, LedgerLeaf, Signature, StoredVerdict, TreeNode
from compliance.selectors.log import (
    ENTRY_COLUMNS,
    NotSealedYet,
    as_values,
    key_words,
    latest_checkpoint,
    own_keys,
)
from compliance.selectors.versions import APPEND_ONLY
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
    for note_size, note in Checkpoint.objects.filter(size__lte=size).values_list("size", "note"):
        _write(folder / "checkpoints" / f"{note_size:012d}", note.encode())
    _write_more(folder / "more", size)
    shutil.copyfile(program.__file__, folder / "verify.py")
    return size


def _write_more(folder: Path, size: int) -> None:
    """Write what the leaves hold only a digest of, up to the newest checkpoint."""
    folder.mkdir(parents=True, exist_ok=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT json_build_object('number', l.number, "
            "'rows', CASE WHEN jsonb_array_length(e.rows) > %s THEN e.rows END, "
            "'reason', CASE WHEN length(e.reason) > %s AND e.reason_sha256 = '' THEN e.reason END)::text "
            "FROM compliance_ledgerentry e JOIN compliance_ledgerleaf l ON l.entry_id = e.id AND l.number < %s "
            "WHERE jsonb_array_length(e.rows) > %s OR (length(e.reason) > %s AND e.reason_sha256 = '') ORDER BY l.number",
            [INLINE_ROWS, INLINE_CHARACTERS, size, INLINE_ROWS, INLINE_CHARACTERS],
        )
        _write_lines(folder / "long.jsonl", cursor)
        cursor.execute(
            "SELECT json_build_object('number', l.number, 'salt', e.reason_salt, 'reason', e.reason)::text "
            "FROM compliance_ledgerentry e JOIN compliance_ledgerleaf l ON l.entry_id = e.id AND l.number < %s "
            "WHERE e.reason_sha256 <> '' AND e.reason <> '' ORDER BY l.number",
            [size],
        )
        _write_lines(folder / "reasons.jsonl", cursor)
        for model in APPEND_ONLY:
            cursor.execute(
                f'SELECT to_jsonb(t)::text FROM "{model._meta.db_table}" t WHERE t.id::text IN '  # noqa: S608 - names from models
                "(SELECT r ->> 'pk' FROM compliance_ledgerentry e "
                "JOIN compliance_ledgerleaf l ON l.entry_id = e.id AND l.number < %s, jsonb_array_elements(e.rows) r "
                "WHERE r ->> 'model' = %s AND r ->> 'sha256' <> '') ORDER BY t.id",
                [size, model._meta.label_lower],
            )
            name = "verdicts" if model is StoredVerdict else "signatures"
            _write_lines(folder / f"{name}.jsonl", cursor)
    keys = LedgerEntry.objects.filter(actor__isnull=False).values_list("actor", flat=True).distinct()
    people = {*keys, *Signature.objects.values_list("signer", flat=True)}
    people |= {*StoredVerdict.objects.filter(judged_by__isnull=False).values_list("judged_by", flat=True)}
    names = {str(one.pk): str(one) for one in get_user_model().objects.filter(pk__in=people)}
    _write(folder / "people.json", json.dumps(names, ensure_ascii=False, sort_keys=True, indent=1).encode())


def _write_lines(path: Path, cursor: Any) -> None:
    with path.open("w", encoding="utf-8") as handle:
        while rows := cursor.fetchmany(2_000):
            handle.writelines(f"{row[0]}\n" for row in rows)


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
