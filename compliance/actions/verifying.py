"""Check the whole record: entries against the log, the log against checkpoints kept elsewhere, rows against entries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.findings import open_finding
from compliance.actions.recording import record
from compliance.actions.sealing import seal
from compliance.choices import FindingState, Grade, VerificationResult
from compliance.log import merkle
from compliance.log.canonical import changed_fields, leaf_of
from compliance.log.notes import NoteRefused, Stated, open_checkpoint
from compliance.models import Checkpoint, Finding, Signature, TreeNode, Verification
from compliance.selectors.log import ENTRY_COLUMNS, as_values, published_key
from compliance.selectors.signatures import mac_of
from compliance.selectors.versions import (
    APPEND_ONLY,
    canonical_texts,
    digest_sql,
    governed_models,
    history_model,
    sha256_of,
)
from pharmacrm.common import jobs
from pharmacrm.common.models import Job
from pharmacrm.common.outbox import enqueue

KEPT_DIFFERENCES = 1_000
READ_AT_ONCE = 5_000
OUTSIDE_CHECKPOINTS = 5_000
HISTORY_COLUMNS = ("history_id", "history_date", "history_change_reason", "history_type", "history_user_id")


@dataclass
class Check:
    """What a run has seen so far."""

    entries: int = 0
    rows: int = 0
    size: int = 0
    found: list[dict[str, Any]] = field(default_factory=list)
    roots: dict[int, bytes] = field(default_factory=dict)

    def differs(self, kind: str, table: str, pk: object, said: str, **more: Any) -> None:
        """Note one difference: its kind, the row, the column where known, and words."""
        self.found.append({"kind": kind, "table": table, "pk": str(pk), "said": said, **more})


def ask_to_verify(*, by: Any, at: datetime) -> Job:
    """Open a job that checks the whole record. Raises: PermissionDenied."""
    if not permissions.can_run_verification(by):
        raise PermissionDenied
    with transaction.atomic():
        job = jobs.open_job(kind="verify_ledger", title=_("Check the whole record"), by=by)
        record("compliance.verification_asked", subject=f"job:{job.pk}", by=by, at=at)
        enqueue("compliance.verify_ledger", job_id=job.pk, asked_by=by.pk)
    return job


def verify_in_job(*, job_id: UUID | None, asked_by: UUID | None, at: datetime) -> str:
    """Check everything and keep the result, telling a job how far it is. Returns: agrees or differs."""
    person = get_user_model().objects.filter(pk=asked_by).first() if asked_by else None
    if job_id:
        jobs.start(job_id, at=at, total=len(STAGES))

    def tell(done: int, stage: str) -> None:
        if job_id:
            jobs.advance(job_id, done=done, stage=stage)

    run = verify(at=at, by=person, tell=tell)
    if job_id:
        jobs.finish(job_id, at=run.finished_at, result={"result": run.result, "url": "/compliance/ledger/"})
    return run.result


@transaction.atomic
def verify(
    *,
    at: datetime,
    by: Any = None,
    outside: list[str] | None = None,
    tell: Callable[[int, str], None] = lambda done, stage: None,
    clock: Callable[[], datetime] | None = None,
) -> Verification:
    """Check the whole record and keep the result; a difference opens a finding.

    `outside` holds notes of checkpoints kept elsewhere; those dropped at LEDGER_ANCHOR_DIRS are always read too.
    Cost: reads every entry and row version once; memory does not grow with them.
    """
    seal(at=at, sign_now=True, anchor=False)
    check = Check()
    kept = [*_outside_checkpoints(check), *_opened(check, outside or [])]
    for done, (name, stage) in enumerate(STAGES):
        tell(done, name)
        stage(check, kept)
    return _keep(check, at=at, finished_at=clock() if clock else at, by=by)


def _keep(check: Check, *, at: datetime, finished_at: datetime, by: Any) -> Verification:
    run = Verification.objects.create(
        started_at=at,
        finished_at=finished_at,
        result=VerificationResult.DIFFERS if check.found else VerificationResult.AGREES,
        entries=check.entries,
        rows=check.rows,
        checkpoint_size=check.size,
        differences=_with_acts(check.found[:KEPT_DIFFERENCES]),
        asked_by=by,
    )
    record(
        "compliance.ledger_verified",
        subject=f"verification:{run.pk}",
        by=by,
        at=at,
    )
    if check.found and not Finding.objects.filter(kind="record_differs", state=FindingState.OPEN).exists():
        open_finding(
            kind="record_differs",
            subject=f"verification:{run.pk}",
            grade=Grade.BAN,
            evidence={
                "differences": len(check.found),
                "text": {
                    "zh": f"记录与台账不一致：{len(check.found)} 处，第一处 {check.found[0]['said']}",
                    "en": f"The record differs from the ledger in {len(check.found)} places; first: {check.found[0]['said']}",
                },
                "url": "/compliance/ledger/",
            },
            at=at,
            due_at=at,
        )
    return run


# --- entries and the tree -----------------------------------------------------------------------------------------


def _check_entries(check: Check, kept: list[Stated]) -> None:
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
    with _streamed(
        f"SELECT l.number, l.entry_id, l.leaf_hash, l.marks, {ENTRY_COLUMNS} FROM compliance_ledgerleaf l "  # noqa: S608
        "LEFT JOIN compliance_ledgerentry e ON e.id = l.entry_id ORDER BY l.number"
    ) as rows:
        for row in rows:
            yield row[0], row[1], row[2], row[3], row[4:]


class _streamed:
    """Read a large result in pieces through a server-side cursor of this transaction."""

    def __init__(self, sql: str) -> None:
        self.sql = sql

    def __enter__(self) -> Iterator[Any]:
        connection.ensure_connection()
        self.cursor = connection.connection.cursor(name="verification")
        self.cursor.itersize = READ_AT_ONCE
        self.cursor.execute(self.sql)
        rows: Iterator[Any] = iter(self.cursor)
        return rows

    def __exit__(self, *_problem: object) -> None:
        self.cursor.close()


def _check_queue(check: Check, kept: list[Stated]) -> None:
    """Find entries that stand outside the log, and those that were taken away before they were sealed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id FROM compliance_ledgerentry e LEFT JOIN compliance_ledgerleaf l ON l.entry_id = e.id "
            "LEFT JOIN compliance_unsealedentry u ON u.entry_id = e.id WHERE l.number IS NULL AND u.entry_id IS NULL"
        )
        for (entry_id,) in cursor.fetchall():
            check.differs(
                "inserted", "compliance_ledgerentry", entry_id, f"entry {entry_id} stands outside the log", entry=str(entry_id)
            )  # fmt: skip
        cursor.execute(
            "SELECT u.entry_id FROM compliance_unsealedentry u LEFT JOIN compliance_ledgerentry e ON e.id = u.entry_id "
            "WHERE e.id IS NULL"
        )
        for (entry_id,) in cursor.fetchall():
            check.differs(
                "deleted",
                "compliance_ledgerentry",
                entry_id,
                f"entry {entry_id} is gone before it was sealed",
            )


# --- checkpoints --------------------------------------------------------------------------------------------------


def _check_checkpoints(check: Check, kept: list[Stated]) -> None:
    """Compare the log with every checkpoint in the database, and with those kept outside."""
    key = published_key()
    for checkpoint in Checkpoint.objects.order_by("size").iterator():
        said = f"checkpoint {checkpoint.size} differs from the log"
        try:
            stated = open_checkpoint(checkpoint.note, key)
        except NoteRefused:
            check.differs("changed", "compliance_checkpoint", checkpoint.pk, f"{said}: its signature does not fit",
                          fields=["note"])  # fmt: skip
            continue
        if (stated.size, stated.root) != (checkpoint.size, bytes(checkpoint.root)):
            check.differs("changed", "compliance_checkpoint", checkpoint.pk, f"{said}: row and note differ",
                          fields=["size" if stated.size != checkpoint.size else "root"])  # fmt: skip
        elif check.roots.get(checkpoint.size) != stated.root:
            check.differs("rewritten", "compliance_ledgerleaf", checkpoint.size, said)
    good = 0
    for stated in sorted(kept, key=lambda one: one.size):
        if stated.size > check.size:
            check.differs(
                "truncated",
                "compliance_ledgerentry",
                check.size,
                f"the log has {check.size} entries; a checkpoint kept elsewhere has {stated.size}: "
                "entries were removed, or an older backup was restored",
            )
        elif stated.size and check.roots.get(stated.size) != stated.root:
            check.differs(
                "rewritten",
                "compliance_ledgerentry",
                stated.size,
                f"entries {good} to {stated.size - 1} are not those that a checkpoint kept elsewhere was signed for",
            )
        else:
            good = stated.size


def _outside_checkpoints(check: Check) -> list[Stated]:
    """Read what was dropped at the configured places, under the key that was left there first."""
    stated: list[Stated] = []
    for place in map(Path, settings.LEDGER_ANCHOR_DIRS):
        if not (place / "key").exists():
            continue
        key = (place / "key").read_text(encoding="utf-8").strip()
        if key != published_key():
            check.differs("key", "key", place, f"the signing key differs from the one kept at {place}")
        names = sorted(
            path for path in (place / "checkpoints").iterdir() if re.fullmatch(r"\d{12}", path.name)
        )
        stated += _opened(
            check, [path.read_text(encoding="utf-8") for path in names[-OUTSIDE_CHECKPOINTS:]], key
        )
    return stated


def _opened(check: Check, notes: list[str], key: str = "") -> list[Stated]:
    stated = []
    for note in notes:
        try:
            stated.append(open_checkpoint(note, key or published_key()))
        except NoteRefused as problem:
            check.differs(
                "outside", "checkpoint", note.split("\n")[1:2], f"a checkpoint kept elsewhere: {problem}"
            )
    return stated


# --- row versions -------------------------------------------------------------------------------------------------


def _check_versions(check: Check, kept: list[Stated]) -> None:
    """Compare every row version with the hash that its entry committed to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE claimed_versions ON COMMIT DROP AS "
            "SELECT e.id AS entry_id, r ->> 'model' AS model, r ->> 'pk' AS pk, "
            "(r ->> 'history_id')::bigint AS history_id, r ->> 'sha256' AS sha256 "
            "FROM compliance_ledgerentry e, jsonb_array_elements(e.rows) r WHERE r ->> 'sha256' <> ''"
        )
        cursor.execute("ANALYZE claimed_versions")
        cursor.execute("SELECT count(*) FROM claimed_versions")
        check.rows = cursor.fetchone()[0]
    for model in governed_models():
        _compare(check, model, history_model(model)._meta.db_table, history=True)
    for model in APPEND_ONLY:
        _compare(check, model, model._meta.db_table, history=False)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE claimed_versions")


def _compare(check: Check, model: type[models.Model], table: str, *, history: bool) -> None:
    label = model._meta.label_lower
    join = "v.history_id = c.history_id AND v.id::text = c.pk" if history else "v.id::text = c.pk"
    version = "v.history_id" if history else "NULL::bigint"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.pk, c.history_id, c.sha256, c.entry_id, v.id IS NULL FROM claimed_versions c "  # noqa: S608
            f'LEFT JOIN "{table}" v ON {join} WHERE c.model = %s AND (v.id IS NULL OR {digest_sql("v")} <> c.sha256)',
            [label],
        )
        wrong = cursor.fetchall()
        cursor.execute(
            f'SELECT v.id::text, {version} FROM "{table}" v WHERE NOT EXISTS '  # noqa: S608
            f"(SELECT 1 FROM claimed_versions c WHERE c.model = %s AND {join})",
            [label],
        )
        unclaimed = cursor.fetchall()
    for pk, history_id, sha256, entry_id, is_gone in wrong:
        version_name = f"{label} {pk}" + (f", version {history_id}" if history_id is not None else "")
        if is_gone:
            check.differs(
                "deleted", table, pk, f"{version_name} is gone", history_id=history_id, entry=str(entry_id)
            )
        elif not _is_older_shape(table, pk, history_id, sha256):
            fields = _changed_columns(model, table, pk, history_id, sha256) if history else []
            named = ": " + ", ".join(fields) + " changed" if fields else " was changed"
            check.differs(
                "changed",
                table,
                pk,
                version_name + named,
                history_id=history_id,
                fields=fields,
                entry=str(entry_id),
            )
    for pk, history_id in unclaimed:
        check.differs(
            "inserted",
            table,
            pk,
            f"{label} {pk}, version {history_id}, belongs to no act",
            history_id=history_id,
        )


def _is_older_shape(table: str, pk: str, history_id: int | None, sha256: str) -> bool:
    """Return whether the row agrees under columns that its table had when the entry was written."""
    key, value = ("history_id", history_id) if history_id is not None else ("id", pk)
    return any(sha256_of(text) == sha256 for text in canonical_texts(table, key, value)[1:])


def _changed_columns(
    model: type[models.Model], table: str, pk: str, history_id: int, sha256: str
) -> list[str]:
    """Return the column that was changed, where another version or the row itself still holds the former value.

    Proven by putting that value back: the hash then agrees. Where nothing fits, columns that differ from the row itself.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f'WITH now AS (SELECT to_jsonb(v) AS j FROM "{table}" v WHERE v.history_id = %s), '  # noqa: S608
            f'others AS (SELECT to_jsonb(o) AS j FROM "{table}" o WHERE o.id = %s AND o.history_id <> %s '
            f'UNION ALL SELECT to_jsonb(l) FROM "{model._meta.db_table}" l WHERE l.id = %s '
            "UNION ALL SELECT jsonb_build_object('history_type', t) FROM unnest(ARRAY['+', '~', '-']) t "
            "UNION ALL SELECT jsonb_build_object('history_change_reason', NULL, 'history_user_id', NULL)) "
            "SELECT DISTINCT o.key FROM now, others, jsonb_each(others.j) o WHERE now.j ? o.key AND "
            "encode(sha256(convert_to((now.j || jsonb_build_object(o.key, o.value))::text, 'UTF8')), 'hex') = %s",
            [history_id, pk, history_id, pk, sha256],
        )
        proven = [row[0] for row in cursor.fetchall()]
        if proven:
            return proven
        cursor.execute(
            f'SELECT v.history_id = (SELECT max(history_id) FROM "{table}" WHERE id = v.id), to_jsonb(v), to_jsonb(l) '  # noqa: S608
            f'FROM "{table}" v LEFT JOIN "{model._meta.db_table}" l ON l.id = v.id WHERE v.history_id = %s',
            [history_id],
        )
        row = cursor.fetchone()
    return [] if row is None or not row[0] or row[2] is None else list(HISTORY_COLUMNS[1:])


def _check_live_rows(check: Check, kept: list[Stated]) -> None:
    """Compare every governed row with its newest version."""
    for model in governed_models():
        live, versions = model._meta.db_table, history_model(model)._meta.db_table
        columns = compared_columns(model)
        fields = ", ".join(
            f'CASE WHEN l."{name}" IS DISTINCT FROM v."{name}" THEN \'{name}\' END' for name in columns
        )
        same = " AND ".join(f'l."{name}" IS NOT DISTINCT FROM v."{name}"' for name in columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT coalesce(l.id, v.id)::text, l.id IS NULL, v.id IS NULL OR v.history_type = '-', "  # noqa: S608
                f'v.history_id, array_remove(ARRAY[{fields}]::text[], NULL) FROM "{live}" l FULL JOIN '
                f'(SELECT DISTINCT ON (id) * FROM "{versions}" ORDER BY id, history_id DESC) v ON v.id = l.id '
                f"WHERE (l.id IS NULL AND v.history_type <> '-') OR (l.id IS NOT NULL AND "
                f"(v.id IS NULL OR v.history_type = '-' OR NOT ({same})))"
            )
            for pk, is_gone, is_new, history_id, names in cursor.fetchall():
                label = model._meta.label_lower
                kind = "deleted" if is_gone else "inserted" if is_new else "changed"
                said = {
                    "deleted": f"{label} {pk} is gone without a version that says so",
                    "inserted": f"{label} {pk} has no version",
                    "changed": f"{label} {pk}: {', '.join(names)} differs from its newest version",
                }[kind]
                check.differs(
                    kind, live, pk, said, history_id=history_id, fields=names if kind == "changed" else []
                )


def compared_columns(model: type[models.Model]) -> list[str]:
    """Return the columns that a row and its versions share. `created_at` is set by the database on each of the two."""
    kept = {column.column for column in history_model(model)._meta.local_concrete_fields}
    return [
        column.column
        for column in model._meta.concrete_fields
        if column.column in kept and column.column != "created_at" and not getattr(column, "generated", False)
    ]


def _check_signatures(check: Check, kept: list[Stated]) -> None:
    """Recompute the seal of every signature."""
    for signature in Signature.objects.iterator(chunk_size=READ_AT_ONCE):
        if mac_of(signature) != signature.mac:
            check.differs(
                "changed",
                "compliance_signature",
                signature.pk,
                f"signature {signature.pk} under {signature.subject} was changed",
            )


def _with_acts(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add to each difference the act that wrote the row last: who, when, what. Cost: one pass over the entries."""
    if not found:
        return []
    columns = "e.id::text, e.event, e.subject, e.actor_name, e.at"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT ON (r ->> 'pk') r ->> 'pk', {columns} FROM compliance_ledgerentry e, "  # noqa: S608
            "jsonb_array_elements(e.rows) r WHERE r ->> 'pk' = ANY(%s) ORDER BY r ->> 'pk', e.at DESC, e.id DESC",
            [[one["pk"] for one in found]],
        )
        by_row = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(
            f"SELECT e.id::text, {columns} FROM compliance_ledgerentry e WHERE e.id = ANY(%s::uuid[])",  # noqa: S608
            [[one["entry"] for one in found if one.get("entry")]],
        )
        by_entry = {row[0]: row[1:] for row in cursor.fetchall()}
    return [_with_act(one, by_entry.get(one.get("entry", "")) or by_row.get(one["pk"])) for one in found]


def _with_act(one: dict[str, Any], act: tuple[Any, ...] | None) -> dict[str, Any]:
    if act is None:
        return one
    entry, event, subject, by, at = act
    return one | {"act": {"entry": entry, "event": event, "subject": subject, "by": by, "at": at.isoformat()}}


STAGES: list[tuple[str, Callable[[Check, list[Stated]], None]]] = [
    ("entries", _check_entries),
    ("queue", _check_queue),
    ("checkpoints", _check_checkpoints),
    ("versions", _check_versions),
    ("rows", _check_live_rows),
    ("signatures", _check_signatures),
]
