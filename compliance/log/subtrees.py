"""Proofs about a part of the tree that starts and ends within it. Source: draft-davidben-tls-merkle-tree-certs, 4.3 and 4.4."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from compliance.verify.verify import check_inclusion, need, node_hash

EMPTY = hashlib.sha256(b"").digest()


def check_subtree(start: int, end: int) -> None:
    """Raise Differs unless leaves from `start` until before `end` are a subtree: `start` is a multiple of its full width."""
    need(0 <= start < end, "a subtree has to hold a leaf")
    need(start % (1 << (end - start - 1).bit_length()) == 0, "the subtree starts where none can")


def check_subtree_inclusion(
    leaf: bytes, index: int, start: int, end: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise Differs unless the leaf stands at `index` in the subtree with this root."""
    check_subtree(start, end)
    need(start <= index < end, "the leaf is outside the subtree")
    check_inclusion(leaf, index - start, end - start, list(proof), root)


def check_subtree_consistency(
    start: int, end: int, size: int, part_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise Differs unless the subtree with `part_root` is a part of the tree of `size` leaves with `root`."""
    if start == end:  # no leaf is a part of every tree
        need(0 <= end <= size and not proof and part_root == EMPTY, "an empty subtree has the empty root")
        return
    check_subtree(start, end)
    need(end <= size, "the subtree reaches beyond the tree")
    need(all(len(digest) == 32 for digest in [part_root, root, *proof]), "a hash has to be 32 bytes")
    first, last, end_of_tree = start, end - 1, size - 1
    while first != last and (last == end_of_tree or last % 2):
        first, last, end_of_tree = first >> 1, last >> 1, end_of_tree >> 1
    path = list(proof)
    if first != last:
        need(bool(path), "the proof is too short")
        part = whole = path.pop(0)
    else:
        part = whole = part_root
        while last % 2 == 0 and last == end_of_tree and last:
            first, last, end_of_tree = first >> 1, last >> 1, end_of_tree >> 1
    for sibling in path:
        need(end_of_tree > 0, "the proof is too long")
        if last % 2 or last == end_of_tree:
            part = node_hash(sibling, part) if first < last else part
            whole = node_hash(sibling, whole)
            while last and last % 2 == 0:
                first, last, end_of_tree = first >> 1, last >> 1, end_of_tree >> 1
        else:
            whole = node_hash(whole, sibling)
        first, last, end_of_tree = first >> 1, last >> 1, end_of_tree >> 1
    need(end_of_tree == 0 and part == part_root and whole == root, "the proof does not lead to both roots")
