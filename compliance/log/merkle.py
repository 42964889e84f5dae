"""The Merkle tree over leaf hashes: roots and proofs. Source: RFC 6962, 2.1; RFC 9162, 2.1."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT

# Gives the root of the full subtree of 2^level leaves at `index`, counted in subtrees of that size.
Node = Callable[[int, int], bytes]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def full_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a power of two of hashes."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over any number of leaf hashes."""
    return root(len(hashes), lambda level, index: full_root(hashes[index << level : (index + 1) << level]))


def root(size: int, node: Node) -> bytes:
    """Return the root of the tree of the first `size` leaves."""
    return _range(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Return the path from a leaf to the root of the first `size` leaves. Raises: ValueError outside the tree."""
    if not 0 <= index < size:
        raise ValueError("The leaf is not in this tree.")
    return _path(index, 0, size, node)


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """Return the proof that the tree of `old` leaves is the beginning of the one of `new`. Raises: ValueError."""
    if not 0 < old <= new:
        raise ValueError("The older tree has to be a part of the newer.")
    return [] if old == new else _subproof(old, 0, new, True, node)


def _split(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1


def _range(low: int, high: int, node: Node) -> bytes:
    count = high - low
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, low >> level)
    middle = low + _split(count)
    return node_hash(_range(low, middle, node), _range(middle, high, node))


def _path(index: int, low: int, high: int, node: Node) -> list[bytes]:
    if high - low == 1:
        return []
    middle = low + _split(high - low)
    if index < middle:
        return [*_path(index, low, middle, node), _range(middle, high, node)]
    return [*_path(index, middle, high, node), _range(low, middle, node)]


def _subproof(old: int, low: int, high: int, whole: bool, node: Node) -> list[bytes]:
    if old == high:
        return [] if whole else [_range(low, high, node)]
    middle = low + _split(high - low)
    if old <= middle:
        return [*_subproof(old, low, middle, whole, node), _range(middle, high, node)]
    return [*_subproof(old, middle, high, False, node), _range(low, middle, node)]
