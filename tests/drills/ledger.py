"""P2: every way to change the record is found and the row named. P3: another implementation agrees on random trees."""

from __future__ import annotations

import json
import os
import random
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.contrib.auth.models import Group
from django.db import connection, transaction
from pymerkle import InmemoryTree

from bench.measure import Figure, Measure, NotMeasured, data_folder
from compliance.actions.guarding import guard_tables
from compliance.actions.sealing import seal
from compliance.actions.verifying import verify
from compliance.log import merkle
from compliance.log.notes import key_id, public_of, verifier_key
from compliance.log.subtrees import check_subtree_consistency, check_subtree_inclusion
from compliance.models import Checkpoint
from compliance.selectors.log import log_size
from compliance.verify import verify as program
from pharmacrm.accounts.models import User
from tests.compliance import attacks
from tests.compliance.attacks import EVIDENCE, Skipped, as_intruder, write_record
from tests.conftest import AT

BYTES = int(
    os.environ.get("LEDGER_ATTACKS", "10000")
)  # single bytes; the other classes get a hundredth of it
EACH = max(1, BYTES // 100)
TREES = int(os.environ.get("LEDGER_TREES", "10000"))
TOGETHER = 50
ACTS = 120
LATER = AT + timedelta(days=2)
SWAPPED = [
    ("compliance_ledgerentry", "subject"),
    ("accounts_historicalterritory", "name"),
    ("compliance_signature", "subject"),
]


def attack_classes() -> dict[str, Figure]:
    """Write a record once, attack it again and again from the same state, and roll everything back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        if not cursor.fetchone()[0]:
            raise NotMeasured("an intruder with the whole database needs a superuser's connection")
    guard_tables()
    chance = random.Random(7)
    with transaction.atomic():
        seal(at=AT - timedelta(days=1), sign_now=True, anchor=False)
        people = [_officer("drill-one"), _officer("drill-two")]
        write_record(*people, acts=ACTS)
        if verify(at=LATER).differences:
            raise NotMeasured("the record differs before anything was attacked")
        seal(at=LATER, sign_now=True, anchor=False)  # what is not sealed yet is not protected yet
        outside = Checkpoint.objects.order_by("-size").first().note
        figures = {
            "single byte changed, row named": _in_batches(_change_bytes, chance, BYTES),
            "row deleted, row named": _in_batches(_delete, chance, EACH),
            "entry inserted, row named": _in_batches(lambda c, n: _insert(people[0], n), chance, EACH),
            "rows swapped, both named": _in_batches(_swap, chance, EACH),
            "act re-attributed, row named": _in_batches(_re_attribute, chance, EACH),
            "log truncated": _singly(lambda: attacks.delete_last(chance.randrange(1, 20)), outside, EACH),
            "log rewritten with the key": _singly(lambda: _rewrite(chance), outside, EACH),
            "older backup restored": _older_backups(people, chance, EACH),
        }
        transaction.set_rollback(True)
    return figures


def _officer(username: str) -> User:
    person = User.objects.create_user(
        username=username,
        email=f"{username}@example.com",
        password="correct horse battery",
        display_name=username,
    )
    person.groups.set([Group.objects.get_or_create(name="compliance")[0]])
    return person


def _in_batches(
    attack: Callable[[random.Random, int], list[str]], chance: random.Random, wanted: int
) -> Figure:
    """Do several attacks on different rows at once; each has to be named in the differences."""
    named = tried = 0
    while tried < wanted:
        with transaction.atomic():
            victims = attack(chance, min(TOGETHER, wanted - tried))
            said = " ".join(f"{one['said']} {one['pk']}" for one in _all_differences())
            named += sum(victim in said for victim in victims)
            tried += len(victims)
            transaction.set_rollback(True)
    return Figure(100 * named / tried, "% found", tried, holds=named == tried)


def _all_differences() -> list[dict[str, Any]]:
    return verify(at=LATER).differences


def _victims(chance: random.Random, count: int) -> list[tuple[str, Any, str]]:
    """Choose rows of different acts: each attack stands for itself."""
    rows = [(table, key, pk) for table in EVIDENCE for key, pk in attacks.keys_of(table)]
    chance.shuffle(rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id::text, r ->> 'pk' FROM compliance_ledgerentry e, jsonb_array_elements(e.rows) r "
            "UNION SELECT e.id::text, e.id::text FROM compliance_ledgerentry e"
        )
        acts_of: dict[str, set[str]] = {}
        for entry, pk in cursor.fetchall():
            acts_of.setdefault(pk, set()).add(entry)
    chosen: list[tuple[str, Any, str]] = []
    used: set[str] = set()
    for table, key, pk in rows:
        acts = acts_of.get(pk, set())
        if acts and not acts & used:
            chosen.append((table, key, pk))
            used |= acts
        if len(chosen) == count:
            break
    return chosen


def _change_bytes(chance: random.Random, count: int) -> list[str]:
    victims = []
    for table, key, pk in _victims(chance, count):
        column, kind = chance.choice(attacks.columns_of(table))
        try:
            attacks.change_one_byte(table, key, column, kind, chance)
        except Skipped:
            continue
        victims.append(pk)
    return victims


def _delete(chance: random.Random, count: int) -> list[str]:
    victims = _victims(chance, count)
    with as_intruder() as cursor:
        for table, key, _pk in victims:
            cursor.execute(f"DELETE FROM {table} WHERE {EVIDENCE[table]} = %s", [key])
    return [pk for _table, _key, pk in victims]


def _insert(officer: User, count: int) -> list[str]:
    return [attacks.forge_entry(officer, queued=False) for _one in range(count)]


def _swap(chance: random.Random, count: int) -> list[str]:
    victims: list[str] = []
    used: set[Any] = set()
    while len(victims) < count:
        table, column = chance.choice(SWAPPED)
        (one, one_pk), (other, other_pk) = chance.sample(attacks.keys_of(table), 2)
        if {one, other} & used or _same(table, column, one, other):
            continue
        used |= {one, other}
        attacks.swap(table, column, one, other)
        victims += [one_pk, other_pk]
    return victims


def _same(table: str, column: str, one: Any, other: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(DISTINCT {column}) FROM {table} WHERE {EVIDENCE[table]} IN (%s, %s)", [one, other]
        )
        return bool(cursor.fetchone()[0] < 2)


def _re_attribute(chance: random.Random, count: int) -> list[str]:
    keys = chance.sample(attacks.keys_of("compliance_ledgerentry"), count)
    with as_intruder() as cursor:
        for key, _pk in keys:
            cursor.execute(
                "UPDATE compliance_ledgerentry SET actor_name = '别人', actor_id = NULL WHERE id = %s", [key]
            )
    return [pk for _key, pk in keys]


def _rewrite(chance: random.Random) -> None:
    with as_intruder() as cursor:
        cursor.execute(
            "UPDATE compliance_ledgerentry SET reason = '别的理由' WHERE id = (SELECT entry_id FROM compliance_ledgerleaf WHERE number = %s)",
            [chance.randrange(log_size())],
        )
    attacks.rewrite_with_key()


def _singly(attack: Callable[[], None], outside: str, wanted: int) -> Figure:
    """Do one attack at a time, which only a checkpoint kept elsewhere may show."""
    found = 0
    for _one in range(wanted):
        with transaction.atomic():
            attack()
            kinds = {one["kind"] for one in verify(at=LATER, outside=[outside]).differences}
            found += bool(kinds & {"truncated", "rewritten"})
            transaction.set_rollback(True)
    return Figure(100 * found / wanted, "% found", wanted, holds=found == wanted)


def _older_backups(people: list[User], chance: random.Random, wanted: int) -> Figure:
    """Go on from a state, keep the new checkpoint outside, put the database back to that state."""
    found = 0
    for number in range(wanted):
        with transaction.atomic():
            write_record(*people, acts=chance.randrange(1, 4), seed=number, start=10_000 + number * 10)
            newer = Checkpoint.objects.order_by("-size").first().note
            transaction.set_rollback(True)
        with transaction.atomic():
            kinds = {one["kind"] for one in verify(at=LATER, outside=[newer]).differences}
            found += "truncated" in kinds
            transaction.set_rollback(True)
    return Figure(100 * found / wanted, "% found", wanted, holds=found == wanted)


def random_trees() -> Figure:
    """Compare roots and inclusion proofs with pymerkle's on random trees."""
    chance, trees = random.Random(11), TREES
    agree = 0
    for number in range(trees):
        size = chance.randrange(1, 64)
        entries = [b"%d:%d" % (number, n) for n in range(size)]
        other = InmemoryTree(algorithm="sha256")
        for entry in entries:
            other.append_entry(entry)
        hashes = [program.leaf_hash(entry) for entry in entries]

        def node(level: int, at: int, hashes: list[bytes] = hashes) -> bytes:
            return merkle.full_root(hashes[at << level : (at + 1) << level])

        index = chance.randrange(size)
        root = merkle.root(size, node)
        theirs = other.prove_inclusion(index + 1, size)
        ours = merkle.inclusion_proof(index, size, node)
        program.check_inclusion(hashes[index], index, size, ours, root)
        path = {bytes.fromhex(digest) for digest in theirs.serialize()["path"]}  # theirs holds the leaf too
        same_path = path == {hashes[index], *ours}
        agree += other.get_root() == root == program.tree_root(hashes) and same_path
    return Figure(100 * agree / trees, "% agree", trees, holds=agree == trees)


def vectors() -> dict[str, Figure]:
    """Check the published proofs, good and malformed, and the published notes and checkpoints."""
    place = data_folder("10_transparency_log")
    cases = sorted(place.glob("rfc6962_*/**/*.json"))
    wrong = [path for path in cases if _agrees(path) is False]
    broken = sum(json.loads(path.read_text())["wantErr"] for path in cases)
    notes = json.loads((place / "signed_note_vectors.json").read_text("utf-8"))
    keys = json.loads((place / "verifier_key_vectors.json").read_text())
    checkpoints = json.loads((place / "checkpoint_vectors.json").read_text("utf-8"))
    small = [_note_agrees(one) for one in notes] + [_key_agrees(one, True) for one in keys["good"]]
    small += [_key_agrees(one, False) for one in keys["bad"]] + [
        _checkpoint_agrees(one) for one in checkpoints
    ]
    return {
        f"published proofs, {broken} of them malformed": Figure(
            100 * (len(cases) - len(wrong)) / len(cases), "% agree", len(cases), holds=not wrong and len(cases) > 200,
            note=", ".join(path.stem for path in wrong[:5]),
        ),
        "published notes, keys and checkpoints": Figure(
            100 * sum(small) / len(small), "% agree", len(small), holds=all(small)
        ),
    }  # fmt: skip


def _agrees(path: Path) -> bool:
    case = json.loads(path.read_text())
    proof = [b64decode(one) for one in case["proof"] or []]
    roots = [b64decode(case.get(name) or "") for name in ("leafHash", "root", "root1", "root2")]
    kind = path.relative_to(data_folder("10_transparency_log")).parts[0]
    checks: dict[str, Callable[[], None]] = {
        "rfc6962_inclusion": lambda: program.check_inclusion(roots[0], case["leafIdx"], case["treeSize"], proof, roots[1]),
        "rfc6962_consistency": lambda: program.check_consistency(case["size1"], case["size2"], roots[2], roots[3], proof),
        "rfc6962_subtreeinclusion": lambda: check_subtree_inclusion(
            roots[0], case["leafIdx"], case["start"], case["end"], proof, roots[1]),
        "rfc6962_subtreeconsistency": lambda: check_subtree_consistency(
            case["start"], case["end"], case["size"], roots[2], roots[3], proof),
    }  # fmt: skip
    return _is_refused(checks[kind]) is case["wantErr"]


def _is_refused(check: Callable[[], Any]) -> bool:
    try:
        check()
    except program.Differs:
        return True
    return False


def _note_agrees(case: dict[str, Any]) -> bool:
    """Every verifier named as having verified finds its signature, every other one is refused."""
    found = []
    for key in case["verifiers"]:
        if not _is_refused(lambda key=key: program.open_note(case["note"], key)):
            found.append(key.partition("+")[0])
    return sorted(found) == sorted(case.get("verified") or [])


def _key_agrees(key: str, is_good: bool) -> bool:
    return _is_refused(lambda: program.parse_key(key)) is not is_good


def _checkpoint_agrees(case: dict[str, Any]) -> bool:
    """Sign the published text with a key of ours, under a name without spaces, and open it."""
    name, _line, rest = case["checkpoint"].partition("\n")
    text = f"{name.replace(' ', '.')}\n{rest.split(chr(10) + chr(10))[0].rstrip(chr(10))}\n"
    origin, seed = name.replace(" ", "."), bytes(range(32))
    signed = key_id(origin, public_of(seed)) + Ed25519PrivateKey.from_private_bytes(seed).sign(text.encode())
    note = f"{text}\n— {origin} {b64encode(signed).decode()}\n"
    try:
        stated = program.open_checkpoint(note, verifier_key(origin, public_of(seed)))
    except program.Differs:
        return bool(case["parse"] != "ok")
    return case["parse"] == "ok" and stated[:2] == (origin, case["size"])


DRILLS = [
    Measure("P2", "tampering is found and named", attack_classes),
    Measure("P3", "published vectors", vectors),
    Measure("P3", "another implementation agrees", random_trees),
]
