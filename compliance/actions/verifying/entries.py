"""Entries against their leaves, the tree against its kept tiles, the queue against the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import connection

from compliance.log import merkle
from compliance.log.canonical import changed_fields, leaf_of
from compliance.log.notes import Stated
from compliance.models import Checkpoint, TreeNode
from compliance.selectors.log import ENTRY_COLUMNS, as_values

from .check import Check, streamed


def check_entries(check: Check, kept: list[Stated]) -> None:
    """Recompute every leaf and the tree; take the root at each size that any checkpoint speaks of."""
    wanted = {stated.size for stated in kept} | set(Checkpoint.objects.values_list("size", flat=True))
    stack: list[bytes] = []
    nodes = {(node.level, node.index): bytes(node.node_hash) for node in TreeNode.objects.iterator()}
    for number, entry_id, stored, marks, row in _leaves():
        while check.size < number:
            check.differs("deleted", "compliance_ledgerleaf", check.size, f"leaf {check.size} is gone")
            _push(check, stack, b"\x00" * 32, nodes)
        digest = bytes(stored)
        if row[0] is None:
            check.differs(
                "deleted",
                "compliance_ledgerentry",
                entry_id,
                f"entry {entry_id}, leaf {number}, is gone",
                leaf=number,
            )
        else:
            digest = _check_leaf(check, number, as_values(row), bytes(stored), bytes(marks))
        _push(check, stack, digest, nodes)
        if check.size in wanted:
            check.roots[check.size] = _fold(stack)
    check.entries = check.size
    for level, index in nodes:
        check.differs(
            "inserted", "compliance_treenode", f"{level}/{index}", f"tree node {level}/{index} is too many"
        )


def _check_leaf(check: Check, number: int, values: dict[str, Any], stored: bytes, marks: bytes) -> bytes:
    digest, marks_now = leaf_of(values)
    fields = changed_fields(values, marks) if marks_now != marks else []
    if digest != stored:
        table = "compliance_ledgerentry" if fields else "compliance_ledgerleaf"
        named = ", ".join(fields) or "leaf_hash"
        check.differs(
            "changed", table, values["id"], f"entry {values['id']}, leaf {number}: {named} changed",
            leaf=number, fields=fields or ["leaf_hash"], entry=str(values["id"]),
        )  # fmt: skip
    elif fields:
        check.differs(
            "changed", "compliance_ledgerleaf", values["id"], f"leaf {number}: marks changed",
            leaf=number, fields=["marks"], entry=str(values["id"]),
        )  # fmt: skip
    return digest


def check_reasons(check: Check, kept: list[Stated]) -> None:
    """Compare the words of every reason with the digest in its leaf. Words that a recorded act destroyed are not missed."""
    with streamed(
        "SELECT e.id, e.reason = '' FROM compliance_ledgerentry e WHERE e.reason_sha256 <> '' AND "
        "encode(sha256(convert_to(e.reason_salt || e.reason, 'UTF8')), 'hex') <> e.reason_sha256 "
        "AND NOT (e.reason = '' AND e.reason_salt = '' AND EXISTS (SELECT 1 FROM compliance_ledgerentry d WHERE "
        "jsonb_path_query_array(d.rows, '$[*].pk') ? e.id::text AND d.rows @> jsonb_build_array(jsonb_build_object('model', 'compliance.ledgerentry', 'pk', e.id::text, "
        "'sha256', e.reason_sha256, 'operation', 'destroyed')))) ORDER BY e.id"
    ) as wrong:
        for entry_id, is_gone in wrong:
            said = (
                f"entry {entry_id}: the words of its reason are gone"
                if is_gone
                else f"entry {entry_id}: reason changed"
            )
            check.differs(
                "deleted" if is_gone else "changed", "compliance_ledgerentry", entry_id, said,
                fields=["reason"], entry=str(entry_id),
            )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM compliance_ledgerentry WHERE reason_sha256 <> '' AND reason = '' AND reason_salt = ''"
        )
        check.erased += cursor.fetchone()[0]


def _push(check: Check, stack: list[bytes], digest: bytes, nodes: dict[tuple[int, int], bytes]) -> None:
    """Add a leaf to the frontier, comparing each tile that becomes full with the one kept."""
    count, height = check.size + 1, 0
    check.size = count
    while count % 2 == 0:
        digest = merkle.node_hash(stack.pop(), digest)
        count //= 2
        height += 1
        if height % merkle.TILE_HEIGHT == 0:
            place = (height // merkle.TILE_HEIGHT, count - 1)
            if nodes.pop(place, None) != digest:
                check.differs(
                    "changed", "compliance_treenode", f"{place[0]}/{place[1]}", f"tree node {place[0]}/{place[1]} differs"
                )  # fmt: skip
    stack.append(digest)


def _fold(stack: list[bytes]) -> bytes:
    root = stack[-1]
    for left in reversed(stack[:-1]):
        root = merkle.node_hash(left, root)
    return root


def _leaves() -> Iterator[tuple[int, UUID, Any, Any, tuple[Any, ...]]]:
    with streamed(
        f"SELECT l.number, l.entry_id, l.leaf_hash, l.marks, {ENTRY_COLUMNS} FROM compliance_ledgerleaf l "  # noqa: S608
        "LEFT JOIN compliance_ledgerentry e ON e.id = l.entry_id ORDER BY l.number"
    ) as rows:
        for row in rows:
            yield row[0], row[1], row[2], row[3], row[4:]


def check_queue(check: Check, kept: list[Stated]) -> None:
    """Find entries that stand outside the log, and those that were taken away before they were sealed."""
    with streamed(
        "SELECT e.id FROM compliance_ledgerentry e LEFT JOIN compliance_ledgerleaf l ON l.entry_id = e.id "
        "LEFT JOIN compliance_unsealedentry u ON u.entry_id = e.id WHERE l.number IS NULL AND u.entry_id IS NULL"
    ) as outside:
        for (entry_id,) in outside:
            check.differs(
                "inserted", "compliance_ledgerentry", entry_id, f"entry {entry_id} stands outside the log", entry=str(entry_id)
            )  # fmt: skip
    with streamed(
        "SELECT u.entry_id FROM compliance_unsealedentry u LEFT JOIN compliance_ledgerentry e ON e.id = u.entry_id "
        "WHERE e.id IS NULL"
    ) as gone:
        for (entry_id,) in gone:
            check.differs(
                "deleted",
                "compliance_ledgerentry",
                entry_id,
                f"entry {entry_id} is gone before it was sealed",
            )
