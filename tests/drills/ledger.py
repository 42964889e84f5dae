"""P3: published proofs agree, malformed ones are refused, another implementation agrees on random trees."""

from __future__ import annotations

import json
import os
import random
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymerkle import InmemoryTree

from bench.measure import Figure, Measure, data_folder
from compliance.log import merkle
from compliance.log.notes import key_id, public_of, verifier_key
from compliance.log.subtrees import check_subtree_consistency, check_subtree_inclusion
from compliance.verify import verify as program

TREES = int(os.environ.get("LEDGER_TREES", "10000"))


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
    Measure("P3", "published vectors", vectors),
    Measure("P3", "another implementation agrees", random_trees),
]
