#!/usr/bin/env python3
"""Verify PharmaCRM's ledger without trusting its server. Python 3.9 or newer, standard library only.

    verify.py receipt FILE... --key VKEY            a record's receipt: entry, inclusion proof, checkpoint
    verify.py ledger DIR --key VKEY [--checkpoint FILE]   an exported log (C2SP tlog-tiles): every entry
    verify.py growth OLD NEW PROOF --key VKEY       two checkpoints and the consistency proof between them

Ends 0 when everything agrees, 1 when something differs, 2 when the call is wrong. VKEY is the published key
(name+id+base64) or a file that holds it. Sources: RFC 6962, RFC 8032, C2SP signed-note, tlog-checkpoint, tlog-tiles.
"""

import argparse
import hashlib
import json
import re
import sys
from base64 import b64decode
from pathlib import Path


class Differs(Exception):
    """Something does not agree, or is malformed."""


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(hashes):
    """Return the root over leaf hashes, keeping one full subtree for each level."""
    stack = []
    for count, digest in enumerate(hashes, start=1):
        while count % 2 == 0:
            digest = node_hash(stack.pop(), digest)
            count //= 2
        stack.append(digest)
    if not stack:
        return hashlib.sha256(b"").digest()
    root = stack.pop()
    while stack:
        root = node_hash(stack.pop(), root)
    return root


def check_inclusion(leaf, index, size, proof, root):
    """Raise Differs unless `proof` leads from the leaf hash to the root (RFC 9162, 2.1.3.2)."""
    _check_hashes([leaf, root, *proof])
    if not 0 <= index < size:
        raise Differs("the leaf number is outside the tree")
    node, last, digest = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Differs("the proof is too long")
        if node % 2 or node == last:
            digest = node_hash(sibling, digest)
            while node and not node % 2:
                node, last = node >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        node, last = node >> 1, last >> 1
    if last or digest != root:
        raise Differs("the proof does not lead to the root")


def check_consistency(old, new, old_root, new_root, proof):
    """Raise Differs unless the tree of `old` leaves is the beginning of the one of `new` (RFC 9162, 2.1.4.2)."""
    _check_hashes([old_root, new_root, *proof])
    if not 0 < old <= new:
        raise Differs("the older tree has to be a part of the newer")
    if old == new and not proof and old_root == new_root:
        return
    if old == new or not proof:
        raise Differs("trees of one size have to be the same, others need a proof")
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    node, last = old - 1, new - 1
    while node % 2:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Differs("the proof is too long")
        if node % 2 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while node and not node % 2:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    if last or first != old_root or second != new_root:
        raise Differs("the proof does not lead to both roots")


def _check_hashes(hashes):
    if any(not isinstance(digest, bytes) or len(digest) != 32 for digest in hashes):
        raise Differs("a hash has to be 32 bytes")


P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def _point(encoded):
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise Differs("a point is malformed")
    x = P - x if x % 2 != sign else x
    return (x, y, 1, x * y % P)


def _add(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(factor, point):
    total = (0, 1, 1, 0)
    while factor:
        if factor % 2:
            total = _add(total, point)
        point, factor = _add(point, point), factor >> 1
    return total


def check_signature(public, message, signature):
    """Raise Differs unless the Ed25519 signature fits."""
    if len(public) != 32 or len(signature) != 64:
        raise Differs("key or signature has the wrong length")
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= L:
        raise Differs("the signature is malformed")
    challenge = hashlib.sha512(signature[:32] + public + message).digest()
    left = _times(scalar, _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")))
    right = _add(_point(signature[:32]), _times(int.from_bytes(challenge, "little") % L, _point(public)))
    if (left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P:
        raise Differs("the signature does not fit")


def parse_key(verifier_key):
    """Return (name, key id, public key) of a published key."""
    name, _plus, rest = verifier_key.strip().partition("+")
    key_id, _plus, encoded = rest.partition("+")
    blob = decode(encoded)
    if not name or re.search(r"\s", name) or blob[:1] != b"\x01" or len(blob) != 33:
        raise Differs("the key is not an Ed25519 verifier key")
    if hashlib.sha256(name.encode() + b"\n" + blob).digest()[:4].hex() != key_id:
        raise Differs("the key does not fit its id")
    return name, bytes.fromhex(key_id), blob[1:]


def open_note(note, verifier_key):
    """Return the text of a signed note. Raise Differs unless the key's signature is there and fits."""
    name, key_id, public = parse_key(verifier_key)
    text, separator, tail = note.rpartition("\n\n")
    if not separator or not tail.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", note):
        raise Differs("the note is malformed")
    text, found = text + "\n", False
    for line in tail[:-1].split("\n"):
        match = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)", line)
        blob = decode(match[2]) if match else b""
        if len(blob) < 5:
            raise Differs("a signature line is malformed")
        if match[1] == name and blob[:4] == key_id:
            check_signature(public, text.encode(), blob[4:])
            found = True
    if not found:
        raise Differs("the note was not signed by this key")
    return text


def parse_checkpoint(text):
    """Return (origin, size, root) of a checkpoint's text."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]) or not re.fullmatch(r"0|[1-9][0-9]*", lines[1]):
        raise Differs("the checkpoint is malformed")
    root = decode(lines[2])
    if len(root) != 32:
        raise Differs("the root has to be 32 bytes")
    return lines[0], int(lines[1]), root


def open_checkpoint(note, verifier_key):
    """Return (origin, size, root) of a signed checkpoint of this key's log."""
    origin, size, root = parse_checkpoint(open_note(note, verifier_key))
    if origin != parse_key(verifier_key)[0]:
        raise Differs("the checkpoint is of another log")
    return origin, size, root


def decode(text):
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise Differs("base64 is malformed") from error


def verify_receipt(receipt, verifier_key):
    """Check entry, proof, checkpoint and the records with it; return a sentence."""
    _origin, size, root = open_checkpoint(receipt["checkpoint"], verifier_key)
    entry = receipt["entry"]
    check_inclusion(
        leaf_hash(entry.encode()), receipt["index"], size, [decode(h) for h in receipt["proof"]], root
    )
    rows, said = receipt.get("rows"), json.loads(entry)["rows"]
    if isinstance(said, dict):
        canonical = json.dumps(rows, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        if hashlib.sha256(canonical).hexdigest() != said["sha256"]:
            raise Differs("the list of rows differs from the entry")
    else:
        rows = said
    known = {row["sha256"]: row for row in rows}
    for record in receipt.get("records", []):
        if hashlib.sha256(record.encode()).hexdigest() not in known:
            raise Differs("a record differs from what the entry commits to: " + record[:80])
    act = json.loads(entry)
    return f"#{receipt['index']} {act['event']} {act['subject']} {act['at']}, {len(receipt.get('records', []))} records"


def tiles_of(size):
    """Yield (width, path) of the lowest tiles of a log: x001/x234/067, the last one partial."""
    for number in range((size + 255) // 256):
        width, parts, rest = min(256, size - number * 256), [f"{number % 1000:03d}"], number // 1000
        while rest:
            parts, rest = [f"x{rest % 1000:03d}", *parts], rest // 1000
        yield width, "/".join(parts) + ("" if width == 256 else f".p/{width}")


def entries_of(folder, size):
    """Yield the hash of each entry of an exported log, after comparing it with its leaf."""
    for width, name in tiles_of(size):
        bundle, leaves = (folder / "tile" / kind / name for kind in ("entries", "0"))
        bundle, leaves, place = bundle.read_bytes(), leaves.read_bytes(), 0
        for number in range(width):
            length = int.from_bytes(bundle[place : place + 2], "big")
            digest = leaf_hash(bundle[place + 2 : place + 2 + length])
            if place + 2 + length > len(bundle) or leaves[number * 32 : number * 32 + 32] != digest:
                raise Differs(f"entry {number} of tile {name} differs from its leaf")
            yield digest
            place += 2 + length
        if place != len(bundle) or len(leaves) != width * 32:
            raise Differs(f"tile {name} is too long")


def verify_ledger(folder, verifier_key, outside=None):
    """Recompute the whole log and compare it with its checkpoint, and with one kept elsewhere."""
    _origin, size, root = open_checkpoint((folder / "checkpoint").read_text(encoding="utf-8"), verifier_key)
    hashes = list(entries_of(folder, size))
    if tree_root(hashes) != root:
        raise Differs("the entries do not lead to the checkpoint's root")
    if outside is not None:
        _origin, kept_size, kept_root = open_checkpoint(outside, verifier_key)
        if kept_size > size:
            raise Differs(f"the log has {size} entries; a checkpoint kept elsewhere has {kept_size}")
        if tree_root(hashes[:kept_size]) != kept_root:
            raise Differs("the log is not the one that the checkpoint kept elsewhere was signed for")
    return f"{size} entries agree with the checkpoint"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["receipt", "ledger", "growth"])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--key", required=True)
    parser.add_argument("--checkpoint", type=Path)
    chosen = parser.parse_args(arguments)
    key = Path(chosen.key).read_text(encoding="utf-8").strip() if Path(chosen.key).is_file() else chosen.key
    try:
        if chosen.what == "ledger":
            outside = chosen.checkpoint.read_text(encoding="utf-8") if chosen.checkpoint else None
            print("agrees:", verify_ledger(chosen.paths[0], key, outside))
        elif chosen.what == "receipt":
            for path in chosen.paths:
                print("agrees:", verify_receipt(json.loads(path.read_text(encoding="utf-8")), key))
        else:
            old, new, proof = (path.read_text(encoding="utf-8") for path in chosen.paths)
            (_o, old_size, old_root), (_n, size, root) = open_checkpoint(old, key), open_checkpoint(new, key)
            check_consistency(old_size, size, old_root, root, [decode(line) for line in proof.split()])
            print(f"agrees: {old_size} entries are the beginning of {size}")
    except (Differs, OSError, ValueError, KeyError, TypeError) as error:
        print("DIFFERS:", error or type(error).__name__)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
