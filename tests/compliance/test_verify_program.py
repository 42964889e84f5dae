"""The stand-alone verifier: known answers, every malformed proof refused, agreement with another implementation."""

import ast
import hashlib
import json
import random
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from compliance.log import merkle
from compliance.log.canonical import FIELDS, canonical_bytes, changed_fields, field_marks
from compliance.log.notes import (
    NoteRefused,
    Stated,
    open_checkpoint,
    public_of,
    sign_checkpoint,
    verifier_key,
)
from compliance.log.subtrees import check_subtree_consistency, check_subtree_inclusion
from compliance.verify import verify as program

# Eight leaves and their roots: the known answers of Certificate Transparency's tests (RFC 6962 hashing).
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# RFC 8032, 7.1, tests 1 to 3: secret, public, message, signature.
ED25519 = [
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip
SEED = bytes(range(32))
KEY = verifier_key("example.com/log", public_of(SEED))


def _hashes(count, seed=0):
    return [hashlib.sha256(b"%d:%d" % (seed, n)).digest() for n in range(count)]


def _proofs(hashes, index, old):
    def node(level, at):
        return merkle.full_root(hashes[at << level : (at + 1) << level])

    size = len(hashes)
    return merkle.inclusion_proof(index, size, node), merkle.consistency_proof(old, size, node) if old else []


def _flip(digest, bit):
    return bytes(byte ^ (1 << bit % 8 if place == bit // 8 else 0) for place, byte in enumerate(digest))


@pytest.mark.parametrize("count", range(9))
def test_roots_of_the_known_leaves(count):
    hashes = [program.leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:count]]

    assert program.tree_root(hashes).hex() == merkle.root(count, _node(hashes)).hex() == ROOTS[count]


def _node(hashes):
    return lambda level, at: merkle.full_root(hashes[at << level : (at + 1) << level])


def test_the_known_hashes_of_leaf_and_node():
    assert (
        program.leaf_hash(b"L123456").hex()
        == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    )
    assert (
        program.node_hash(b"N123", b"N456").hex()
        == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    )


@pytest.mark.parametrize(("secret", "public", "message", "signature"), ED25519)
def test_ed25519_agrees_with_rfc_8032(secret, public, message, signature):
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert key.public_key().public_bytes_raw().hex() == public

    program.check_signature(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))
    with pytest.raises(program.Differs):
        program.check_signature(
            bytes.fromhex(public), bytes.fromhex(message) + b"x", bytes.fromhex(signature)
        )


def test_a_signature_with_a_scalar_beyond_the_order_is_refused():
    _secret, public, message, signature = ED25519[0]
    signature = bytes.fromhex(signature)
    scalar = int.from_bytes(signature[32:], "little") + program.L

    with pytest.raises(program.Differs):
        program.check_signature(
            bytes.fromhex(public), bytes.fromhex(message), signature[:32] + scalar.to_bytes(32, "little")
        )


@settings(max_examples=300, deadline=None)
@given(size=st.integers(1, 300), data=st.data())
def test_every_proof_agrees_and_every_malformed_one_is_refused(size, data):
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    hashes = _hashes(size, seed=1)
    root, old_root = program.tree_root(hashes), program.tree_root(hashes[:old])
    path, growth = _proofs(hashes, index, old)
    leaf = hashes[index]
    program.check_inclusion(leaf, index, size, path, root)
    program.check_consistency(old, size, old_root, root, growth)
    bit, junk = data.draw(st.integers(0, 255)), hashlib.sha256(b"junk").digest()

    bad_paths = [
        (leaf, index - 1, size, path, root), (leaf, index + 1, size, path, root), (leaf, index ^ 2, size, path, root),
        (leaf, index, size * 2, path, root), (leaf, index, size // 2, path, root), (junk, index, size, path, root),
        (leaf, index, size, path, b""), (leaf, index, size, path, junk), (leaf, index, size, [*path, junk], root),
        (leaf, index, size, [*path, b""], root), (leaf, index, size, [junk, *path], root),
        (leaf, index, size, [*path, root], root), (leaf, index, size, [root, *path], root),
        *[(leaf, index, size, [*path[:n], _flip(path[n], bit), *path[n + 1 :]], root) for n in range(len(path))],
        *[(leaf, index, size, [*path[:n], *path[n + 1 :]], root) for n in range(len(path))],
        *[(leaf, index, size, [*path[:n], junk, *path[n:]], root) for n in range(len(path))],
    ]  # fmt: skip
    bad_growths = [
        (old - 1, size, old_root, root, growth), (old + 1, size, old_root, root, growth),
        (old ^ 2, size, old_root, root, growth), (old, size * 2, old_root, root, growth),
        (old, size // 2, old_root, root, growth), (old, size, junk, root, growth), (old, size, old_root, junk, growth),
        (old, size, root, old_root, growth), (old, size, old_root, root, [*growth, junk]),
        (old, size, old_root, root, [junk, *growth]), (old, size, old_root, root, [*growth, old_root]),
        (old, size, old_root, root, [root, *growth]), (old, size, old_root, root, growth[:-1]),
        *[(old, size, old_root, root, [*growth[:n], _flip(growth[n], bit), *growth[n + 1 :]]) for n in range(len(growth))],
    ]  # fmt: skip
    for check, bad, good in (
        (program.check_inclusion, bad_paths, (leaf, index, size, path, root)),
        (program.check_consistency, bad_growths, (old, size, old_root, root, growth)),
    ):
        for arguments in bad:
            if arguments == good or _is_true_by_another_name(check, arguments, hashes):
                continue
            with pytest.raises(program.Differs):
                check(*arguments)


def _is_true_by_another_name(check, arguments, hashes):
    """A probe that states a truth: the other size has the same root and path (one leaf's tree, a size below)."""
    if check is program.check_consistency:
        old, size, old_root, root, proof = arguments
        return (
            0 < old <= size <= len(hashes)
            and program.tree_root(hashes[:old]) == old_root
            and program.tree_root(hashes[:size]) == root
            and proof == merkle.consistency_proof(old, size, _node(hashes[:size]))
        )
    _leaf, index, size, proof, root = arguments
    # The path of RFC 6962 does not commit to the size: a leaf can have one path in two trees of one shape beside it.
    return root == program.tree_root(hashes) and _folds(arguments) and index < size


def _folds(arguments):
    """Fold a path by its own index and size, as the text of RFC 9162 2.1.3.2 says; a second writing of it."""
    leaf, index, size, proof, root = arguments
    if not 0 <= index < size or any(len(digest) != 32 for digest in [leaf, root, *proof]):
        return False
    inner = (index ^ (size - 1)).bit_length()
    border = bin(index >> inner).count("1")
    if len(proof) != inner + border:
        return False
    digest = leaf
    for level, sibling in enumerate(proof[:inner]):
        pair = (digest, sibling) if index >> level & 1 == 0 else (sibling, digest)
        digest = program.node_hash(*pair)
    for sibling in proof[inner:]:
        digest = program.node_hash(sibling, digest)
    return digest == root


def test_another_implementation_agrees_on_random_trees():
    chance = random.Random(3)
    for number in range(300):
        size = chance.randrange(1, 200)
        entries = [b"%d:%d" % (number, n) for n in range(size)]
        other = InmemoryTree(algorithm="sha256")
        for entry in entries:
            other.append_entry(entry)
        hashes = [program.leaf_hash(entry) for entry in entries]

        assert other.get_root() == program.tree_root(hashes) == merkle.tree_root(hashes)


def test_a_checkpoint_is_read_by_both_writings_of_the_note():
    root = hashlib.sha256(b"root").digest()
    note = sign_checkpoint(Stated("example.com/log", 20, root), SEED)

    assert program.open_checkpoint(note, KEY) == ("example.com/log", 20, root)
    assert open_checkpoint(note, KEY) == Stated("example.com/log", 20, root)


def _broken_notes():
    root = hashlib.sha256(b"root").digest()
    note = sign_checkpoint(Stated("example.com/log", 20, root), SEED)
    text, tail = note.split("\n\n")
    return {
        "size": note.replace("\n20\n", "\n21\n"),
        "leading zero": note.replace("\n20\n", "\n020\n"),
        "hex size": sign_checkpoint(Stated("example.com/log", 20, root), SEED).replace("\n20\n", "\n0x14\n"),
        "origin": note.replace("example.com/log\n", "example.org/log\n", 1),
        "root": note.replace(b64encode(root).decode(), b64encode(root[::-1]).decode()),
        "no signature": text + "\n",
        "no end": note[:-1],
        "one newline": text + "\n" + tail,
        "other key": sign_checkpoint(Stated("example.com/log", 20, root), bytes(32)),
        "hyphen": note.replace("— ", "- "),
        "cut signature": text + "\n\n" + tail[:-12] + "\n",
        "empty": "",
        "other log": sign_checkpoint(Stated("example.org/other", 20, root), SEED),
        "carriage return": note.replace("\n", "\r\n"),
    }


@pytest.mark.parametrize("name", _broken_notes())
def test_a_broken_note_is_refused_by_both(name):
    note = _broken_notes()[name]

    with pytest.raises(program.Differs):
        program.open_checkpoint(note, KEY)
    with pytest.raises(NoteRefused):
        open_checkpoint(note, KEY)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120) | st.binary(max_size=120).map(lambda raw: raw.decode("latin-1")))
def test_noise_never_passes_and_never_crashes(noise):
    for reader in (lambda: program.open_checkpoint(noise, KEY), lambda: program.parse_key(noise)):
        with pytest.raises(program.Differs):
            reader()


@pytest.mark.parametrize(
    "key", ["", "x", "example.com+00000000+AQ==", KEY + "A", KEY.replace("+", "-", 1), "a b" + KEY[15:]]
)
def test_a_malformed_key_is_refused(key):
    with pytest.raises(program.Differs):
        program.parse_key(key)


plain = st.text(st.characters(codec="utf-8"), max_size=30)


@settings(max_examples=150, deadline=None)
@given(subject=plain, reason=plain, rows=st.lists(st.dictionaries(plain, plain | st.none() | st.integers(-(2**53), 2**53), max_size=3), max_size=3))  # fmt: skip
def test_canonical_bytes_are_what_the_standard_library_writes(subject, reason, rows):
    values = dict.fromkeys(FIELDS, "") | {"subject": subject, "reason": reason, "rows": rows, "version": 1, "device_at": None}  # fmt: skip

    expected = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    assert canonical_bytes(values) == expected
    other = values | {"reason": reason + "x"}
    assert changed_fields(other, field_marks(values)) == ["reason"]


def test_a_leaf_always_fits_an_entry_bundle():
    row = {"model": "x" * 60, "pk": "y" * 36, "history_id": 2**31, "sha256": "z" * 64}
    values = dict.fromkeys(FIELDS, "字" * 8_000) | {"rows": [row] * 100_000}

    assert len(canonical_bytes(values | {"event": "x", "subject": "x", "actor_name": "x", "id": "x", "at": "x", "version": 1, "actor_id": "x", "actor_roles": [], "device_at": None, "verdict_id": None})) < 65_536  # fmt: skip


def test_the_program_is_small_and_needs_python_alone():
    path = Path(program.__file__)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        )
    }

    assert imported <= set(sys.stdlib_module_names)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
    answer = subprocess.run(
        [sys.executable, "-I", str(path), "--help"], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0


# Re-typed from transparency-dev/merkle testdata (Apache-2.0): leaves 4 to 6 of the tree of the known leaves.
def test_a_part_of_the_tree_is_proven_and_every_malformed_proof_of_it_is_refused():
    hashes = [program.leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]
    part = merkle.tree_root(hashes[4:7])
    proof = [hashes[4], program.node_hash(hashes[4], hashes[5])][1:]
    growth = [hashes[6], hashes[7], proof[0], merkle.full_root(hashes[:4])]

    check_subtree_inclusion(hashes[6], 6, 4, 7, proof, part)
    check_subtree_consistency(4, 7, 8, part, merkle.tree_root(hashes), growth)

    for index, start, end in ((5, 4, 7), (6, 3, 7), (6, 4, 8), (7, 4, 7), (6, 4, 4)):
        with pytest.raises(program.Differs):
            check_subtree_inclusion(hashes[6], index, start, end, proof, part)
    for bad in (growth[:-1], [*growth, growth[0]], growth[::-1], [*growth[:1], b"x", *growth[2:]]):
        with pytest.raises(program.Differs):
            check_subtree_consistency(4, 7, 8, part, merkle.tree_root(hashes), bad)


@settings(max_examples=60, deadline=None)
@given(
    place=st.floats(0, 1), junk=st.binary(min_size=0, max_size=4), name=st.sampled_from(["receipt", "growth"])
)
def test_a_damaged_file_of_any_kind_is_a_difference_and_never_a_crash(tmp_path_factory, place, junk, name):
    folder = tmp_path_factory.mktemp("fuzz")
    entry = json.dumps({"event": "x", "subject": "y", "at": "z", "rows": []})
    root = program.leaf_hash(entry.encode())
    note = sign_checkpoint(Stated("example.com/log", 1, root), SEED)
    whole = json.dumps({"entry": entry, "index": 0, "proof": [], "checkpoint": note, "records": []}).encode()
    at = int(len(whole) * place)
    path = folder / "file"
    path.write_bytes(whole[:at] + junk + whole[at + 1 :])

    code = program.main([name, *([str(path)] * (1 if name == "receipt" else 3)), "--key", KEY])

    same = name == "receipt" and _reads_alike(path.read_bytes(), whole)
    assert code == (0 if same else 1)


def _reads_alike(damaged, whole):
    try:
        one, other = json.loads(damaged), json.loads(whole)
    except ValueError:
        return False
    return isinstance(one, dict) and all(
        one.get(key, [] if key == "records" else None) == other[key] for key in other
    )
