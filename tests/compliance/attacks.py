"""What somebody with the database's keys might do to the record. The triggers are off, as its owner can have it."""

from __future__ import annotations

import hashlib
import random
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, connection, transaction

from compliance import actions as law
from compliance.actions.sealing import _grow, _seal_batch, seal
from compliance.evaluate import Refusal, Verdict
from compliance.log import merkle
from compliance.log.notes import Stated, sign_checkpoint
from compliance.models import Checkpoint, LedgerEntry
from compliance.selectors.log import StoredTree, log_size
from pharmacrm.accounts.models import Territory
from pharmacrm.common.crypto import installation_key
from pharmacrm.common.ids import uuid7
from tests.compliance.every_table import evidence
from tests.conftest import AT
from tests.factories.compliance import proof_of

# A kind of each: entries, verdicts, signatures, versions of the kernel and of an app above it. All: every_table.evidence()
EVIDENCE = (
    "compliance_ledgerentry",
    "compliance_storedverdict",
    "compliance_signature",
    "compliance_historicalhold",
    "compliance_historicalholdsubject",
    "accounts_historicalterritory",
)


def key_of(table: str) -> str:
    """Return the column that tells rows of a table apart."""
    return evidence().get(table) or {"compliance_ledgerleaf": "number"}.get(table, "id")


class Skipped(Exception):
    """The column holds nothing that could be changed by one byte."""


def write_record(officer, second_officer, *, acts: int, seed: int = 1, start: int = 0) -> None:
    """Write acts of several kinds with their versions, verdicts and signatures, and seal them with checkpoints between."""
    chance = random.Random(seed)
    for number in range(start, start + acts):
        at = AT + timedelta(minutes=number)
        kind = number % 3
        if kind == 0:
            code = f"T{number:05d}"
            with transaction.atomic():
                territory = Territory.objects.create(code=code, name=f"辖区 {number}", path=f"/{code}/")
                territory.name = f"大区 {number}"
                territory.save()
                law.record(
                    "accounts.territory_changed", subject=f"territory:{territory.pk}", by=officer, at=at,
                    device_at=at - timedelta(minutes=3), reason=f"第 {number} 次调整", rows=[territory],
                )  # fmt: skip
        elif kind == 1:
            hold = law.place_hold(
                subjects=[f"material:{uuid7()}"], reason=f"说明书更新 {number}", by=officer, at=at
            )
            law.lift_hold(
                hold_id=hold.pk, reason="已核对", by=second_officer, at=at, proof=proof_of(second_officer, at)
            )
        else:
            breach = Refusal("RD-01", "避免", {"zh": "超标", "en": "Too much"}, {"zh": "改", "en": "Less"})
            verdict = Verdict(
                id=str(uuid7()), point="expense.submit", kind="before", subject=f"expense:{uuid7()}", pack="1",
                facts={"cost_fen": chance.randrange(10**6)}, refusals=(breach,),
            )  # fmt: skip
            law.record_refusal(verdict, subject=verdict.subject, by=officer, at=at)
        if number % 10 == 9:
            seal(at=at, sign_now=True, anchor=False)
    seal(at=AT + timedelta(days=1), sign_now=True, anchor=False)
    with (
        connection.cursor() as cursor
    ):  # what is checked at commit, so that tables can be emptied or altered after
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@contextmanager
def as_intruder():
    """Work with every trigger off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = 'replica'")
        yield cursor
        cursor.execute("SET LOCAL session_replication_role = 'origin'")


def columns_of(table: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, udt_name FROM information_schema.columns WHERE table_name = %s ORDER BY 1",
            [table],
        )
        return cursor.fetchall()


def keys_of(table: str) -> list[tuple]:
    """Return (key, primary key of the row it is about) of every row."""
    name = key_of(table)
    about = "id" if table in evidence() else name
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name}, {about}::text FROM {table} ORDER BY 1")
        return cursor.fetchall()


def change_one_byte(table: str, key: object, column: str, kind: str, chance: random.Random) -> None:
    """Change one byte of a column's text form, such that the value differs. Raises: Skipped."""
    name = key_of(table)
    with as_intruder() as cursor:
        cursor.execute(
            f'SELECT "{column}"::text, to_jsonb("{column}")::text FROM {table} WHERE {name} = %s', [key]
        )
        text, before = cursor.fetchone()
        if not text:
            raise Skipped
        if kind == "bool":
            cursor.execute(f'UPDATE {table} SET "{column}" = NOT "{column}" WHERE {name} = %s', [key])
            return
        for _try in range(60):
            place = chance.randrange(len(text))
            letter = chance.choice("0123456789abcdefABXYZ 甲乙")
            changed = text[:place] + letter + text[place + 1 :]
            try:
                with transaction.atomic():
                    cursor.execute(
                        f'UPDATE {table} SET "{column}" = %s::{kind} WHERE {name} = %s RETURNING to_jsonb("{column}")::text',
                        [changed, key],
                    )
                    if cursor.fetchone()[0] == before:  # as stored: a number's scale may undo the change
                        continue
            except DatabaseError:
                continue
            return
    raise Skipped


def rewrite_with_key() -> None:
    """Recompute leaves, tree and checkpoints over the rows as they now stand, with the real key."""
    with as_intruder() as cursor:
        cursor.execute("SELECT size, signed_at FROM compliance_checkpoint ORDER BY size")
        sizes = cursor.fetchall()
        cursor.execute("INSERT INTO compliance_unsealedentry SELECT entry_id FROM compliance_ledgerleaf")
        cursor.execute("DELETE FROM compliance_ledgerleaf")
        cursor.execute("DELETE FROM compliance_treenode")
        cursor.execute("DELETE FROM compliance_checkpoint")
        cursor.execute(
            "DELETE FROM compliance_unsealedentry u WHERE NOT EXISTS (SELECT 1 FROM compliance_ledgerentry e WHERE e.id = u.entry_id)"
        )
        size = 0
        after = None
        while batch := _seal_batch(size, after):
            digests, after = batch
            _grow(size, size + len(digests), digests)
            size += len(digests)
        tree = StoredTree()
        for size, signed_at in sizes:
            if size <= log_size():
                root = merkle.root(size, tree.node)
                note = sign_checkpoint(
                    Stated("pharmacrm/ledger", size, root), installation_key("ledger-signing")
                )
                Checkpoint.objects.create(size=size, root=root, note=note, signed_at=signed_at)


def delete_last(count: int) -> None:
    """Remove the newest entries with their leaves and checkpoints, as a restored older backup would."""
    with as_intruder() as cursor:
        size = log_size()
        cursor.execute("DELETE FROM compliance_treenode")
        cursor.execute("DELETE FROM compliance_checkpoint WHERE size > %s", [size - count])
        cursor.execute(
            "DELETE FROM compliance_ledgerentry WHERE id IN (SELECT entry_id FROM compliance_ledgerleaf WHERE number >= %s)",
            [size - count],
        )
        cursor.execute("DELETE FROM compliance_ledgerleaf WHERE number >= %s", [size - count])
        _grow(0, size - count)


def swap(table: str, column: str, one: object, other: object) -> None:
    """Let two rows change places in one column."""
    name = key_of(table)
    with as_intruder() as cursor:
        cursor.execute(
            f'UPDATE {table} t SET "{column}" = o."{column}" FROM {table} o WHERE t.{name} IN (%s, %s) '
            f"AND o.{name} IN (%s, %s) AND o.{name} <> t.{name}",
            [one, other, one, other],
        )


def forge_entry(officer, *, queued: bool) -> str:
    """Insert an entry that nobody did."""
    entry = LedgerEntry(
        event="content.material_released", subject=f"material:{uuid7()}", actor=officer, actor_name=str(officer),
        actor_roles=["compliance"], at=AT - timedelta(days=3),
    )  # fmt: skip
    with as_intruder() as cursor:
        entry.save(force_insert=True)
        if queued:
            digest = hashlib.sha256(b"forged").digest()
            cursor.execute(
                "INSERT INTO compliance_ledgerleaf (number, entry_id, leaf_hash, marks) VALUES (%s, %s, %s, %s)",
                [log_size(), entry.pk, digest, b""],
            )
    return str(entry.pk)
