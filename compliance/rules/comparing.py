"""What changed between two texts of a rule, line by line."""

from __future__ import annotations

import difflib
from dataclasses import dataclass


@dataclass(frozen=True)
class ChangedLine:
    """One line of a comparison. `kind` is same, gone or new; a line number is 0 where the line does not stand."""

    kind: str
    old: int
    new: int
    text: str


def compare(old: str, new: str) -> list[ChangedLine]:
    """Return every line of both texts in reading order, with what became of it."""
    before, after = old.splitlines(), new.splitlines()
    lines: list[ChangedLine] = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            lines += [ChangedLine("same", a + n + 1, c + n + 1, before[a + n]) for n in range(b - a)]
            continue
        lines += [ChangedLine("gone", n + 1, 0, before[n]) for n in range(a, b)]
        lines += [ChangedLine("new", 0, n + 1, after[n]) for n in range(c, d)]
    return lines
