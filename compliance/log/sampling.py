"""Draw a sample that everybody can draw again: SHA-256 of a public seed and a counter. Knows no database."""

from __future__ import annotations

import hashlib


def drawn_places(seed: str, population: int, wanted: int) -> list[int]:
    """Return the drawn places of a list of `population`, in the order they were drawn; each once.

    The n-th draw is SHA-256("<seed>:<n>") as a number, modulo the population; what was drawn before is passed over.
    """
    drawn: dict[int, None] = {}
    turn = 0
    while len(drawn) < min(wanted, population):
        digest = hashlib.sha256(f"{seed}:{turn}".encode()).digest()
        drawn.setdefault(int.from_bytes(digest, "big") % population)
        turn += 1
    return list(drawn)
