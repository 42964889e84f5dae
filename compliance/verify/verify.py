#!/usr/bin/env python3
"""Verify PharmaCRM's ledger without trusting its server. Python 3.9 or newer, standard library only.

    verify.py pack ZIP-OR-DIR --key VKEY [--checkpoint FILE]   an inspector's pack: every file, act and record
    verify.py receipt FILE... --key VKEY            a record's receipt: entry, inclusion proof, checkpoint
    verify.py ledger DIR --key VKEY [--checkpoint FILE]   an exported log (C2SP tlog-tiles): every entry
    verify.py growth OLD NEW PROOF --key VKEY       two checkpoints and the consistency proof between them

Ends 0 when all agrees, else 1. VKEY: the published key or its file; the word of a key is trusted for the next one.
"""

import argparse
import hashlib
import json
import re
import sys
from base64 import b64decode
from functools import lru_cache
from pathlib import Path
from zipfile import ZipFile


class Differs(Exception):
    """Something does not agree, or is malformed."""


def need(holds, otherwise):
    if not holds:
        raise Differs(otherwise)


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(hashes):
    """Return the root over leaf hashes, keeping one full subtree for each level."""
    stack: list[bytes] = []
    for count, digest in enumerate(hashes, start=1):
        while count % 2 == 0:
            digest, count = node_hash(stack.pop(), digest), count // 2
        stack.append(digest)
    while len(stack) > 1:
        stack.append(node_hash(stack.pop(-2), stack.pop()))
    return stack[0] if stack else hashlib.sha256(b"").digest()


def check_inclusion(leaf, index, size, proof, root):
    """Raise Differs unless `proof` leads from the leaf hash to the root (RFC 9162, 2.1.3.2)."""
    need(all(isinstance(one, bytes) and len(one) == 32 for one in [leaf, root, *proof]), NOT_A_HASH)
    need(0 <= index < size, "the leaf number is outside the tree")
    digest = leaf
    for sibling, is_left in _way_up(index, size - 1, proof):
        digest = node_hash(sibling, digest) if is_left else node_hash(digest, sibling)
    need(digest == root, "the proof does not lead to the root")


def check_consistency(old, new, old_root, new_root, proof):
    """Raise Differs unless the tree of `old` leaves is the beginning of the one of `new` (RFC 9162, 2.1.4.2)."""
    need(all(isinstance(one, bytes) and len(one) == 32 for one in [old_root, new_root, *proof]), NOT_A_HASH)
    need(0 < old <= new, "the older tree has to be a part of the newer")
    if old == new and not proof and old_root == new_root:
        return
    need(old != new and proof, "trees of one size have to be the same, others need a proof")
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    shared = (old & -old).bit_length() - 1  # as many levels up the older tree is full
    first = second = path[0]
    for sibling, is_left in _way_up(old - 1 >> shared, new - 1 >> shared, path[1:]):
        first = node_hash(sibling, first) if is_left else first
        second = node_hash(sibling, second) if is_left else node_hash(second, sibling)
    need(first == old_root and second == new_root, "the proof does not lead to both roots")


def _way_up(node, last, proof):
    for sibling in proof:
        need(last > 0, "the proof is too long")
        is_left = node % 2 == 1 or node == last
        yield sibling, is_left
        while is_left and node and not node % 2:
            node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
    need(last == 0, "the proof is too short")


NOT_A_HASH = "a hash has to be 32 bytes"
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
    need(y < P and (x * x - square) % P == 0 and (x or not sign), "a point is malformed")
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
    for bit in bin(factor)[2:]:
        total = _add(total, total) if bit == "0" else _add(_add(total, total), point)
    return total


def check_signature(public, message, signature):
    need(len(public) == 32 and len(signature) == 64, "key or signature has the wrong length")
    scalar, base = int.from_bytes(signature[32:], "little"), (4 * pow(5, P - 2, P) % P).to_bytes(32, "little")
    need(scalar < L, "the signature is malformed")
    challenge = hashlib.sha512(signature[:32] + public + message).digest()
    left = _times(scalar, _point(base))
    right = _add(_point(signature[:32]), _times(int.from_bytes(challenge, "little") % L, _point(public)))
    need(not any((left[n] * right[2] - right[n] * left[2]) % P for n in (0, 1)), "the signature does not fit")


def parse_key(verifier_key):
    """Return (name, key id, public key) of a published key."""
    name, _plus, rest = verifier_key.strip().partition("+")
    key_id, _plus, encoded = rest.partition("+")
    blob = decode(encoded)
    need(re.fullmatch(r"\S+", name) and len(blob) == 33 and blob[0] == 1, "the key is not an Ed25519 key")
    named = hashlib.sha256(name.encode() + b"\n" + blob).digest()[:4]
    need(named.hex() == key_id, "the key does not fit its id")
    return name, named, blob[1:]


def open_note(note, keys):
    """Return the text of a signed note and the key that signed it. Raise Differs unless it is one of these, and fits."""
    known = {parse_key(line.partition(" ")[0])[:2]: line for line in keys.strip().split("\n")}
    text, separator, tail = note.rpartition("\n\n")
    need(separator and tail[-1:] == "\n" and not re.search(r"[\x00-\x09\x0b-\x1f]", note), "malformed note")
    text, found = text + "\n", ""
    for line in tail[:-1].split("\n"):
        match = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)", line)
        blob = decode(match[2]) if match else b""
        need(len(blob) >= 5, "a signature line is malformed")
        if match and (match[1], blob[:4]) in known:
            found = known[match[1], blob[:4]]
            check_signature(parse_key(found.partition(" ")[0])[2], text.encode(), blob[4:])
    need(found, "the note was not signed by this key")
    return text, found


def follow(keys, words):
    """Return the keys, one a line with the size it ends at, that signed words {size: word} lead to from the last given."""
    *chain, key = keys.strip().split("\n")
    named = {"".join(words[size].split("\n")[2:3]): size for size in words}
    for size in sorted(size for size in words if size > named.get(key, "")):
        lines = open_note(words[size], key)[0].split("\n")
        need(lines[1:] == ["new key", *lines[2:3], str(int(size)), ""], "a word is not that of a new key")
        need(lines[0] == parse_key(lines[2])[0], "the new key is of another log")
        chain, key = [*chain, f"{key} {lines[3]}"], lines[2]
    return "\n".join([*chain, key])


@lru_cache(maxsize=64)
def open_checkpoint(note, keys):
    """Return (origin, size, root) of a checkpoint that one of the keys signed before it ended."""
    text, signer = open_note(note, keys)
    lines, (key, _space, last) = text.split("\n"), signer.partition(" ")
    shaped = len(lines) > 3 and all(lines[:-1]) and re.fullmatch(r"0|[1-9][0-9]*", lines[1])
    need(shaped and lines[0] == parse_key(key)[0], "the checkpoint is malformed or of another log")
    need(not last or int(lines[1]) <= int(last), "the checkpoint was signed by a key that was retired before")
    need(len(decode(lines[2])) == 32, NOT_A_HASH)
    return lines[0], int(lines[1]), decode(lines[2])


def decode(text):
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise Differs("base64 is malformed") from error


def verify_receipt(receipt, keys, proven):
    """Check entry, proof, checkpoint and the records with it; return a sentence. Adds what is proven to `proven`."""
    _origin, size, root = open_checkpoint(receipt["checkpoint"], follow(keys, receipt.get("keys", {})))
    entry, records, proof = receipt["entry"], receipt.get("records", []), map(decode, receipt["proof"])
    check_inclusion(leaf_hash(entry.encode()), receipt["index"], size, [*proof], root)
    rows = (act := json.loads(entry))["rows"]
    if isinstance(rows, dict):  # too long for a leaf, which then holds its hash
        rows, said = receipt["rows"], rows["sha256"]
        canonical = json.dumps(rows, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        need(hashlib.sha256(canonical.encode()).hexdigest() == said, "the list of rows differs")
    spoken = hashlib.sha256("".join(receipt.get("reason", [])).encode()).hexdigest()  # salt and words, if any
    need(not receipt.get("reason") or act["reason"] == {"salted_sha256": spoken}, "the reason differs")
    known = {row["sha256"] for row in rows}
    for record in records:
        need(hashlib.sha256(record.encode()).hexdigest() in known, "a record differs: " + record[:80])
    proven.update(known)
    return f"#{receipt['index']} {act['event']} {act['subject']} {act['at']}, {len(records)} records"


def verify_pack(path, keys, outside=None):
    """Check every file of an inspector's pack (a folder, or the zip) against its manifest, and every proof in it."""
    if path.is_dir():
        files = {p.relative_to(path).as_posix(): p.read_bytes() for p in path.rglob("*") if p.is_file()}
    else:
        with ZipFile(path) as pack:
            files = {name: pack.read(name) for name in pack.namelist()}
    manifest, proven = json.loads(files.pop("manifest.json")), set[str]()
    for name in sorted({*files, *manifest["files"]}):
        is_whole = name in files and hashlib.sha256(files[name]).hexdigest() == manifest["files"].get(name)
        need(is_whole, f"{name} is missing, changed or does not belong to the pack")
    keys = follow(keys, {name[5:]: files[name].decode() for name in files if name.startswith("keys/")})
    receipts = [json.loads(files[name]) for name in sorted(files) if name.startswith("receipts/")]
    for receipt in receipts:
        verify_receipt(receipt, keys, proven)
    texts = [text for name in files if name.startswith("records/") for text in json.loads(files[name])]
    for text in texts:
        need(hashlib.sha256(text.encode()).hexdigest() in proven, "no act wrote this record: " + text[:80])
    counts = [manifest["acts"], manifest["records"]]
    need(counts == [len(receipts), len(texts)], "the manifest counts otherwise")
    _origin, size, root = open_checkpoint(files["checkpoint"].decode(), keys)
    if outside is not None:
        _origin, old, old_root = open_checkpoint(outside, keys)
        growth = json.loads(files["growth.json"]).get(str(old), [])
        check_consistency(old, size, old_root, root, [decode(digest) for digest in growth])
    return f"{len(receipts)} acts, {len(texts)} records, {len(files)} files; checkpoint of {size} entries"


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
            digest, leaf = leaf_hash(bundle[place + 2 : place + 2 + length]), leaves[number * 32 :][:32]
            place += 2 + length
            need(place <= len(bundle) and leaf == digest, f"entry {number} of tile {name} differs")
            yield digest
        need(place == len(bundle) and len(leaves) == width * 32, f"tile {name} is too long")


def verify_ledger(folder, keys, outside=None):
    """Recompute the whole log and compare it with its checkpoint, and with one kept elsewhere."""
    keys = follow(keys, {path.name: path.read_text(encoding="utf-8") for path in folder.glob("keys/*")})
    _origin, size, root = open_checkpoint((folder / "checkpoint").read_text(encoding="utf-8"), keys)
    hashes = list(entries_of(folder, size))
    need(tree_root(hashes) == root, "the entries do not lead to the checkpoint's root")
    if outside is not None:
        _origin, kept, kept_root = open_checkpoint(outside, keys)
        need(kept <= size, f"the log has {size} entries; a checkpoint kept elsewhere has {kept}")
        need(tree_root(hashes[:kept]) == kept_root, "the log differs from the checkpoint kept elsewhere")
    return f"{size} entries agree with the checkpoint"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["pack", "receipt", "ledger", "growth"])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--key", required=True)
    parser.add_argument("--checkpoint", type=Path)
    chosen = parser.parse_args(arguments)
    try:
        key = Path(chosen.key).read_text(encoding="utf-8") if Path(chosen.key).is_file() else chosen.key
        outside = chosen.checkpoint.read_text(encoding="utf-8") if chosen.checkpoint else None
        if check := {"ledger": verify_ledger, "pack": verify_pack}.get(chosen.what):
            print("agrees:", check(chosen.paths[0], key, outside))
        texts = [] if check else [path.read_text(encoding="utf-8") for path in chosen.paths]
        for text in texts if chosen.what == "receipt" else []:
            print("agrees:", verify_receipt(json.loads(text), key, set()))
        if chosen.what == "growth":
            (_o, old, old_root), (_n, size, root) = (open_checkpoint(text, key) for text in texts[:2])
            check_consistency(old, size, old_root, root, [decode(line) for line in texts[2].split()])
            print(f"agrees: {old} entries are the beginning of {size}")
    except Exception as error:  # noqa: BLE001 - whatever a malformed file sets off is a difference
        print("DIFFERS:", error or type(error).__name__)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
