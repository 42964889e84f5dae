"""P2: every way to change the record is found and the row named, in every table that is evidence."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection, transaction

from bench.measure import Figure, Measure, NotMeasured
from compliance.actions.guarding import guard_tables
from compliance.actions.sealing import seal
from compliance.actions.verifying import verify
from compliance.models import Checkpoint
from compliance.selectors.log import log_size
from pharmacrm.accounts.models import User
from pharmacrm.common.ids import uuid7
from tests.compliance import attacks
from tests.compliance.attacks import Skipped, as_intruder, write_record
from tests.compliance.every_table import KERNEL, LOG, evidence, write_every_table
from tests.conftest import AT

from .suite import needs_superuser

BYTES = int(
    os.environ.get("LEDGER_ATTACKS", "10000")
)  # single bytes; the other classes get a hundredth of it
EACH = max(1, BYTES // 100)
TOGETHER = 200
ACTS = 210  # enough for a full tile of the tree
LATER = AT + timedelta(days=2)
KEYS = {"id", "history_id"}
# Who is said to have done it, by table; a version says it in history_user_id.
ATTRIBUTED = {
    "compliance_ledgerentry": "actor_id = %s, actor_name = '别人'",
    "compliance_storedverdict": "judged_by_id = %s",
    "compliance_signature": "signer_id = %s, printed_name = '别人'",
}


def attack_classes() -> dict[str, Figure]:
    """Write a record once, attack it again and again from the same state, and roll everything back."""
    needs_superuser()
    guard_tables()
    chance = random.Random(7)
    with transaction.atomic():
        seal(at=AT - timedelta(days=1), sign_now=True, anchor=False)
        people = [_officer("drill-one"), _officer("drill-two")]
        write_record(*people, acts=ACTS)
        outside = _sealed()
        figures = {
            "leaf, tile or checkpoint changed by a byte": _log_changed(chance),
            "log truncated": _singly(lambda: attacks.delete_last(chance.randrange(1, 20)), outside),
            "log rewritten with the key": _singly(lambda: _rewrite(chance), outside),
            "older backup restored": _older_backups(people, chance),
        }
        write_every_table(people[0], each=3)
        _sealed()
        record = Record(chance)
        figures |= {
            "single byte changed, row named": record.bytes_changed(BYTES),
            "row deleted, row named": record.found(record.delete, EACH),
            "row inserted, row named": record.found(lambda n: record.insert(people[0], n), EACH),
            "rows swapped, both named": record.found(record.swap, EACH),
            "act re-attributed, row named": record.found(lambda n: record.re_attribute(people[1], n), EACH),
            "table emptied, all its rows named": record.emptied(),
        }
        transaction.set_rollback(True)
    return figures


def _sealed() -> str:
    """Seal all there is. Returns: the checkpoint as somebody keeps it elsewhere."""
    if verify(at=LATER).differences:
        raise NotMeasured("the record differs before anything was attacked")
    seal(at=LATER, sign_now=True, anchor=False)  # what is not sealed yet is not protected yet
    return str(Checkpoint.objects.order_by("-size").first().note)


def _officer(username: str) -> User:
    person = User.objects.create_user(
        username=username,
        email=f"{username}@example.com",
        password="correct horse battery",
        display_name=username,
        job_title="合规经理",
    )
    person.groups.set([Group.objects.get_or_create(name="compliance")[0]])
    return person


class Record:
    """The rows of every table that is evidence, the acts each belongs to, and the columns of each table."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.tables = evidence()
        self.columns = {table: attacks.columns_of(table) for table in self.tables}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT e.id::text, r ->> 'pk' FROM compliance_ledgerentry e, jsonb_array_elements(e.rows) r "
                "UNION SELECT e.id::text, e.id::text FROM compliance_ledgerentry e"
            )
            self.acts_of: dict[str, set[str]] = {}
            for entry, pk in cursor.fetchall():
                self.acts_of.setdefault(pk, set()).add(entry)
        self.rows = {
            table: [(key, pk) for key, pk in attacks.keys_of(table) if pk in self.acts_of]
            for table in self.tables
        }
        self.pairs = [(table, *column) for table in self.tables for column in self.columns[table]]
        chance.shuffle(self.pairs)

    def name_of(self, table: str, key: Any, pk: str) -> str:
        """Return the words by which a difference names a row: of a version its record and number."""
        return pk if table in KERNEL else f"{pk}, version {key}"

    def free_rows(self, table: str, used: set[str]) -> list[tuple[Any, str]]:
        """Return a table's rows in chance order, of acts that nothing was done to yet."""
        rows = [row for row in self.rows[table] if not self.acts_of[row[1]] & used]
        return self.chance.sample(rows, len(rows))

    def found(self, attack: Callable[[int], list[str]], wanted: int) -> Figure:
        """Attack different rows at once; each has to be named in the differences."""
        named = tried = 0
        while tried < wanted:
            with transaction.atomic():
                victims = attack(min(TOGETHER, wanted - tried))
                said = " ".join(f"{one['said']} {one['pk']}" for one in _differences())
                named += sum(victim in said for victim in victims)
                tried += len(victims)
                transaction.set_rollback(True)
        note = f"over {len(self.tables)} tables"
        return Figure(100 * named / tried, "% found", tried, holds=named == tried, note=note)

    def bytes_changed(self, wanted: int) -> Figure:
        """Change bytes in every column of every table in turn."""
        reached: set[tuple[str, str]] = set()
        queue: list[tuple[str, str, str]] = []

        def change(count: int) -> list[str]:
            victims: list[str] = []
            used: set[str] = set()
            later: list[tuple[str, str, str]] = []
            while len(victims) < count and len(later) < 500:
                if not queue:
                    queue.extend(self.pairs)
                table, column, kind = queue.pop()
                rows = self.free_rows(table, used)
                if not rows:
                    later.append((table, column, kind))
                for key, pk in rows[:3] if (table, column) in reached else rows:
                    try:
                        attacks.change_one_byte(table, key, column, kind, self.chance)
                    except Skipped:
                        continue
                    used |= self.acts_of[pk]
                    victims.append(self.name_of(table, key, pk))
                    reached.add((table, column))
                    break
            queue.extend(later)
            return victims

        figure = self.found(change, wanted)
        missing = {(table, column) for table, column, _kind in self.pairs} - reached
        note = f"{len(reached)} of {len(self.pairs)} columns in {len(self.tables)} tables"
        if missing and wanted >= len(self.pairs):
            note += f"; never changed: {', '.join(sorted('.'.join(one) for one in missing)[:5])}"
        is_whole = not missing or wanted < len(self.pairs)
        return Figure(figure.figure, figure.unit, figure.n, holds=bool(figure.holds) and is_whole, note=note)

    def _some(self, count: int, tables: list[str] | None = None) -> list[tuple[str, Any, str]]:
        """Choose rows of different acts, the tables in chance order, each once before any twice."""
        chosen: list[tuple[str, Any, str]] = []
        used: set[str] = set()
        names = tables or list(self.tables)
        while len(chosen) < count:
            before = len(chosen)
            for table in self.chance.sample(names, len(names)):
                if len(chosen) < count and (rows := self.free_rows(table, used)):
                    chosen.append((table, *rows[0]))
                    used |= self.acts_of[rows[0][1]]
            if len(chosen) == before:
                break
        return chosen

    def delete(self, count: int) -> list[str]:
        victims = self._some(count)
        with as_intruder() as cursor:
            for table, key, _pk in victims:
                cursor.execute(f"DELETE FROM {table} WHERE {self.tables[table]} = %s", [key])
        return [self.name_of(*victim) for victim in victims]

    def insert(self, officer: User, count: int) -> list[str]:
        """Insert rows that nobody's act wrote: entries, and copies of rows under a key of their own."""
        victims = [attacks.forge_entry(officer, queued=False) for _one in range(max(1, count // 4))]
        rest = [table for table in self.tables if table != "compliance_ledgerentry"]
        for table, key, _pk in self._some(count - len(victims), rest):
            pk, name = str(uuid7()), self.tables[table]
            fresh = (
                {"id": pk} if name == "id" else {"id": pk, "history_id": self.chance.randrange(10**8, 10**9)}
            )
            names = [column for column, _kind in self.columns[table]]
            values = ", ".join("%s" if one in fresh else f'"{one}"' for one in names)
            into = ", ".join(f'"{one}"' for one in names)
            with as_intruder() as cursor:
                cursor.execute(
                    f"INSERT INTO {table} ({into}) SELECT {values} FROM {table} WHERE {name} = %s",
                    [*(fresh[one] for one in names if one in fresh), key],
                )
            victims.append(self.name_of(table, fresh.get("history_id"), pk))
        return victims

    def swap(self, count: int) -> list[str]:
        """Let two rows of one table change places in one column."""
        victims: list[str] = []
        used: set[str] = set()
        while len(victims) < count:
            table, column, _kind = self.chance.choice(self.pairs)
            rows = self.free_rows(table, used)
            if column in KEYS or len(rows) < 2:
                continue
            (one, one_pk), (other, other_pk) = rows[:2]
            if self.acts_of[one_pk] & self.acts_of[other_pk] or _same(table, column, one, other):
                continue
            used |= self.acts_of[one_pk] | self.acts_of[other_pk]
            attacks.swap(table, column, one, other)
            victims += [self.name_of(table, one, one_pk), self.name_of(table, other, other_pk)]
        return victims

    def re_attribute(self, other: User, count: int) -> list[str]:
        victims = self._some(count)
        with as_intruder() as cursor:
            for table, key, _pk in victims:
                change = ATTRIBUTED.get(table, "history_user_id = %s")
                cursor.execute(
                    f"UPDATE {table} SET {change} WHERE {self.tables[table]} = %s", [other.pk, key]
                )
        return [self.name_of(*victim) for victim in victims]

    def emptied(self) -> Figure:
        """Empty each table; a table of the kernel alone, those of versions some at a time."""
        versions = [table for table in self.tables if table not in KERNEL]
        turns = [[table] for table in KERNEL] + [versions[n : n + 20] for n in range(0, len(versions), 20)]
        missed: list[str] = []
        for tables in turns:
            with transaction.atomic():
                with as_intruder() as cursor:
                    for table in tables:
                        cursor.execute(f"DELETE FROM {table}")
                said = " ".join(f"{one['said']} {one['pk']}" for one in _differences())
                missed += [
                    f"{table} {self.name_of(table, key, pk)}"
                    for table in tables
                    for key, pk in self.rows[table]
                    if self.name_of(table, key, pk) not in said
                ]
                transaction.set_rollback(True)
        count = len(self.tables)
        whole = count - len({one.split()[0] for one in missed})
        note = f"unnamed: {', '.join(missed[:3])}" if missed else ""
        return Figure(100 * whole / count, "% found", count, holds=not missed, note=note)


def _differences() -> list[dict[str, Any]]:
    return list(verify(at=LATER).differences)


def _same(table: str, column: str, one: Any, other: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT count(DISTINCT "{column}"::text) FROM {table} WHERE {attacks.key_of(table)} IN (%s, %s)',
            [one, other],
        )
        return bool(cursor.fetchone()[0] < 2)


def _log_changed(chance: random.Random) -> Figure:
    """Change a byte of the log's own rows, one at a time; any difference that names a table of the log counts."""
    pairs = [
        (table, column, kind)
        for table, columns in LOG.items()
        for column, kind in attacks.columns_of(table)
        if column in columns
    ]
    keys = {table: attacks.keys_of(table) for table in LOG}
    found = tried = 0
    while tried < EACH:
        table, column, kind = pairs[tried % len(pairs)]
        with transaction.atomic():
            try:
                attacks.change_one_byte(table, chance.choice(keys[table])[0], column, kind, chance)
            except Skipped:
                continue
            tried += 1
            found += any(one["table"] in {*LOG, "compliance_ledgerentry"} for one in _differences())
            transaction.set_rollback(True)
    return Figure(100 * found / tried, "% found", tried, holds=found == tried, note=f"{len(pairs)} columns")


def _rewrite(chance: random.Random) -> None:
    with as_intruder() as cursor:
        cursor.execute(
            "UPDATE compliance_ledgerentry SET actor_name = '别人' WHERE id = (SELECT entry_id FROM compliance_ledgerleaf WHERE number = %s)",
            [chance.randrange(log_size())],
        )
    attacks.rewrite_with_key()


def _singly(attack: Callable[[], None], outside: str) -> Figure:
    """Do one attack at a time, which only a checkpoint kept elsewhere may show."""
    found = 0
    for _one in range(EACH):
        with transaction.atomic():
            attack()
            kinds = {one["kind"] for one in verify(at=LATER, outside=[outside]).differences}
            found += bool(kinds & {"truncated", "rewritten"})
            transaction.set_rollback(True)
    return Figure(100 * found / EACH, "% found", EACH, holds=found == EACH)


def _older_backups(people: list[User], chance: random.Random) -> Figure:
    """Go on from a state, keep the new checkpoint outside, put the database back to that state."""
    found = 0
    for number in range(EACH):
        with transaction.atomic():
            write_record(*people, acts=chance.randrange(1, 4), seed=number, start=10_000 + number * 10)
            newer = Checkpoint.objects.order_by("-size").first().note
            transaction.set_rollback(True)
        with transaction.atomic():
            kinds = {one["kind"] for one in verify(at=LATER, outside=[newer]).differences}
            found += "truncated" in kinds
            transaction.set_rollback(True)
    return Figure(100 * found / EACH, "% found", EACH, holds=found == EACH)


DRILLS = [Measure("P2", "tampering is found and named", attack_classes)]
