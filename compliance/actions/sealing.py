"""Seal the ledger: leaf numbers, the tree, signed checkpoints, and copies where the database's owner cannot reach."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from struct import Struct
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection, transaction

from compliance.actions.findings import open_finding
from compliance.actions.recording import claim
from compliance.choices import FindingState, Grade
from compliance.log import merkle
from compliance.log.canonical import VERSION, leaf_of, salted
from compliance.log.keys import numbered
from compliance.log.notes import Stated, sign_checkpoint
from compliance.log.witness import GROWTH, growth_text
from compliance.models import Anchor, Checkpoint, Finding, LedgerEntry, TreeNode
from compliance.selectors.log import (
    ENTRY_COLUMNS,
    StoredTree,
    as_values,
    key_folder,
    latest_checkpoint,
    log_size,
    own_keys,
    published_key,
    signing_seed,
)
from compliance.selectors.versions import model_of_live_table
from pharmacrm.common.outbox import enqueue

LOCK = 0x5EA1_0001
BATCH = 20_000
CHECKPOINT_EVERY = timedelta(seconds=30)
CLOCK_TOLERANCE = timedelta(seconds=5)
E_MAIL_EVERY = timedelta(hours=1)
LEFTOVERS = 5_000
# A leaf in COPY's binary form: how many columns, then each with its length. Source: PostgreSQL, COPY, binary format.
COPY_HEAD, COPY_END = b"PGCOPY\n\xff\r\n\x00" + bytes(8), b"\xff\xff"
COPY_LEAF = Struct(">hiqi16si32si")


@transaction.atomic
def seal(*, at: datetime, sign_now: bool = False, anchor: bool = True) -> int:
    """Give committed entries contiguous leaf numbers, grow the tree, and sign a checkpoint when one is due.

    Returns: how many entries were sealed; 0 while another sealer runs. Cost: an advisory lock of its own; writers of
    entries wait for nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
    account_leftovers(at=at)
    before = size = log_size()
    after: UUID | None = None
    while batch := _seal_batch(size, after):
        digests, after = batch
        _grow(size, size + len(digests), digests)
        size += len(digests)
    last = latest_checkpoint()
    if last is not None and at < last.signed_at - CLOCK_TOLERANCE:
        _clock_was_set_back(last, at)
    is_due = last is None or sign_now or abs(at - last.signed_at) >= CHECKPOINT_EVERY
    if size and is_due and (last is None or size > last.size):
        checkpoint = _sign(last, size, at)
        if checkpoint and anchor:
            enqueue("compliance.anchor_checkpoint", checkpoint_id=checkpoint.pk)
    return size - before


def _clock_was_set_back(last: Checkpoint, at: datetime) -> None:
    """Open one finding for as long as the clock stands before the last checkpoint. Source: NMPA 2020 No. 74, clock changes."""
    subject = f"checkpoint:{last.size}"
    if Finding.objects.filter(kind="clock_set_back", subject=subject, state=FindingState.OPEN).exists():
        return
    minutes = int((last.signed_at - at).total_seconds() // 60)
    open_finding(
        kind="clock_set_back",
        subject=subject,
        grade=Grade.BAN,
        evidence={
            "text": {
                "zh": f"服务器时钟比最近的检查点早 {minutes} 分钟：期间的行为时间不可信",
                "en": f"The server's clock stands {minutes} minutes before the last checkpoint: times of acts since are unproven",
            },
            "url": "/compliance/ledger/",
        },
        at=at,
        due_at=at + timedelta(hours=1),
    )


def account_leftovers(*, at: datetime) -> int:
    """Write what went round the actions into the ledger, and open a finding for each table. Returns: how many rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM compliance_take_leftovers(%s)", [LEFTOVERS])
        names = [column[0] for column in cursor.description]
        left = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    tables = Counter((row["table_name"], row["database_user"]) for row in left)
    for table, user in sorted(tables):
        rows = [row for row in left if (row["table_name"], row["database_user"]) == (table, user)]
        versions = claim(
            [
                (row["table_name"], row["row_pk"], row["history_id"], row["sha256"])
                for row in rows
                if row["kind"] == "version"
            ]
        )
        versions += [
            {
                "model": model_of_live_table(table) or table,
                "pk": row["row_pk"],
                "history_id": None,
                "sha256": "",
                "operation": row["operation"],
            }
            for row in rows
            if row["kind"] == "live"
        ]
        said = f"{table}, {len(rows)}, {user}, {rows[0]['seen_at'].isoformat(timespec='seconds')}"
        entry = LedgerEntry.objects.create(
            version=VERSION,
            event="compliance.unaccounted_change",
            subject=f"table:{table}"[:80],
            at=at,
            rows=versions,
            **salted(said),
        )
        open_finding(
            kind="unaccounted_change",
            subject=f"table:{table}"[:80],
            grade=Grade.BAN,
            evidence={
                "entry": str(entry.pk),
                "rows": len(rows),
                "database_user": user,
                "operations": sorted({row["operation"] for row in rows}),
                "first": [row["row_pk"] for row in rows[:20]],
                "text": {
                    "zh": f"{table} 有 {len(rows)} 行绕过业务操作被改动（数据库用户 {user}）",
                    "en": f"{len(rows)} rows of {table} were changed round the actions (database user {user})",
                },
                "url": f"/compliance/ledger/{entry.pk}/",
            },
            at=at,
            due_at=at + timedelta(hours=24),
        )
    return len(left)


def _seal_batch(first: int, after: UUID | None = None) -> tuple[list[bytes], UUID] | None:
    """Number the next waiting entries, in the order of their keys. Returns: their hashes, and the last key; None at the end.

    `after` starts where the last batch ended: what it took off the queue still lies in the index until the commit.
    One statement takes entries off the queue and gives them; one whose entry is gone stays there, as evidence.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH next AS (SELECT entry_id FROM compliance_unsealedentry WHERE entry_id > %s "  # noqa: S608 - constant columns
            f"ORDER BY entry_id LIMIT {BATCH}), taken AS (DELETE FROM compliance_unsealedentry u "
            "USING next n, compliance_ledgerentry e WHERE u.entry_id = n.entry_id AND e.id = n.entry_id "
            f'RETURNING {ENTRY_COLUMNS}) SELECT * FROM taken ORDER BY id COLLATE "C"',
            [after or UUID(int=0)],
        )
        waiting = cursor.fetchall()
        if not waiting:
            return None
        digests, lines = [], [COPY_HEAD]
        for number, row in enumerate(waiting, start=first):
            digest, marks = leaf_of(as_values(row))
            digests.append(digest)
            key = bytes.fromhex(row[0].replace("-", ""))
            lines.append(COPY_LEAF.pack(4, 8, number, 16, key, 32, digest, len(marks)) + marks)
        lines.append(COPY_END)
        cursor.copy_expert(
            "COPY compliance_ledgerleaf (number, entry_id, leaf_hash, marks) FROM STDIN (FORMAT binary)",
            io.BytesIO(b"".join(lines)),
        )
    return digests, UUID(waiting[-1][0])


def _grow(old: int, new: int, digests: Sequence[bytes] = ()) -> None:
    """Keep the root of each tile of 256 that became full. `digests`: the leaves from `old` on, where they are at hand."""
    level = 1
    while new >> (merkle.TILE_HEIGHT * level):
        height = merkle.TILE_HEIGHT * level
        first, last = old >> height, new >> height
        for start in range(first, last, merkle.TILE_WIDTH):
            end = min(start + merkle.TILE_WIDTH, last)
            low, high = start * merkle.TILE_WIDTH, end * merkle.TILE_WIDTH
            if level == 1 and digests:
                hashes = [*_hashes_below(1, low, max(low, old)), *digests[max(low, old) - old : high - old]]
            else:
                hashes = _hashes_below(level, low, high)
            TreeNode.objects.bulk_create(
                [
                    TreeNode(
                        level=level,
                        index=start + place,
                        node_hash=merkle.full_root(
                            hashes[place * merkle.TILE_WIDTH : (place + 1) * merkle.TILE_WIDTH]
                        ),
                    )
                    for place in range(end - start)
                ]
            )
        level += 1


def _hashes_below(level: int, low: int, high: int) -> list[bytes]:
    if low == high:
        return []
    table, key, value = (
        ("compliance_ledgerleaf", "number", "leaf_hash")
        if level == 1
        else ("compliance_treenode", "index", "node_hash")
    )
    where = "" if level == 1 else f"level = {level - 1} AND "
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT {value} FROM {table} WHERE {where}"{key}" >= %s AND "{key}" < %s ORDER BY "{key}"',  # noqa: S608
            [low, high],
        )
        return [bytes(row[0]) for row in cursor.fetchall()]


def _sign(last: Checkpoint | None, size: int, at: datetime) -> Checkpoint | None:
    """Sign the log as it stands. A log that is not the continuation of what was signed before is never signed."""
    tree = StoredTree()
    root = _root(size, tree)
    if not root or (last is not None and _root(last.size, tree) != bytes(last.root)):
        signed = last.size if last else size
        open_finding(
            kind="ledger_differs",
            subject=f"checkpoint:{signed}",
            grade=Grade.BAN,
            evidence={
                "text": {
                    "zh": f"台账前 {signed} 条与已签名的检查点不一致，已停止签名",
                    "en": f"The first {signed} entries differ from what was signed; signing has stopped",
                },
                "url": "/compliance/ledger/",
            },
            at=at,
            due_at=at + timedelta(hours=1),
        )
        return None
    stated = Stated(settings.LEDGER_ORIGIN, size, root)
    note = sign_checkpoint(stated, signing_seed())
    return Checkpoint.objects.create(size=size, root=root, note=note, signed_at=at)


def _root(size: int, tree: StoredTree) -> bytes:
    """Return the root over the first `size` leaves; nothing where leaves or tiles are missing."""
    try:
        return merkle.root(size, tree.node)
    except IndexError:
        return b""


@transaction.atomic
def anchor_checkpoint(*, checkpoint_id: UUID, at: datetime) -> list[Anchor]:
    """Leave a checkpoint at every configured place. Safe to run twice; a place that fails is kept with its error."""
    checkpoint = Checkpoint.objects.get(pk=checkpoint_id)
    done = set(checkpoint.anchors.filter(error="").values_list("place", flat=True))
    anchors = []
    for place, leave in _places(at):
        if place in done:
            continue
        error = ""
        try:
            leave(checkpoint)
        except OSError as problem:  # smtplib's errors are OSErrors too
            error = f"{type(problem).__name__}: {problem}"[:500]
        anchors.append(Anchor.objects.create(checkpoint=checkpoint, place=place, anchored_at=at, error=error))
    return anchors


def _places(at: datetime) -> Iterable[tuple[str, Any]]:
    for folder in settings.LEDGER_ANCHOR_DIRS:
        yield f"file:{folder}"[:300], lambda checkpoint, folder=folder: _drop(Path(folder), checkpoint)
    for address in settings.LEDGER_ANCHOR_EMAILS:
        place = f"mailto:{address}"[:300]
        if not Anchor.objects.filter(place=place, error="", anchored_at__gt=at - E_MAIL_EVERY).exists():
            yield place, lambda checkpoint, address=address: _mail(address, checkpoint)


def _drop(folder: Path, checkpoint: Checkpoint) -> None:
    kept = folder / "checkpoints"
    kept.mkdir(parents=True, exist_ok=True)
    key = folder / "key"
    if not key.exists():
        key.write_text(own_keys()[0][0] + "\n", encoding="utf-8")
    for path in numbered(key_folder() / "keys"):
        if not (folder / "keys" / path.name).exists():
            (folder / "keys").mkdir(exist_ok=True)
            _leave(folder / "keys" / path.name, path.read_text(encoding="utf-8"))
    path = kept / f"{checkpoint.size:012d}"
    if not path.exists():
        _leave(path.with_name(path.name + GROWTH), _growth_to(checkpoint, kept))
        _leave(path, checkpoint.note)


def _leave(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _growth_to(checkpoint: Checkpoint, kept: Path) -> str:
    """Return the proof that joins a checkpoint with the newest one left there before, for a witness that sees only files."""
    left = [int(path.name) for path in kept.iterdir() if re.fullmatch(r"\d{12}", path.name)]
    before = max((size for size in left if size < checkpoint.size), default=0)
    if not before:
        return growth_text(0, [])
    return growth_text(before, merkle.consistency_proof(before, checkpoint.size, StoredTree().node))


def _mail(address: str, checkpoint: Checkpoint) -> None:
    send_mail(
        f"Ledger checkpoint {checkpoint.size}",
        f"{checkpoint.note}\nKey: {published_key()}\nKeep this message: it proves what the ledger said.\n",
        None,
        [address],
    )
