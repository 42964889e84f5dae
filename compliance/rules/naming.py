"""Patterns for the words that name a person, as PostgreSQL and Python both read them."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "□"
LONG_ENOUGH = 3  # a name of two characters may be an ordinary word; it is one with a title behind it
TITLES = "(?=医生|医师|大夫|主任|教授|院长|老师|博士)"
SHORTEST_OWN = 5


def names_everywhere(own_words: Iterable[str], sole_names: Iterable[str]) -> str:
    """Return a pattern for what names one person wherever it stands; empty for nothing."""
    own = [_spaced(word) for word in own_words if len(word) >= SHORTEST_OWN]
    alone = [
        re.escape(name) if len(name) >= LONG_ENOUGH else re.escape(name) + TITLES
        for name in sole_names
        if len(name) > 1
    ]
    return "|".join(sorted({*own, *alone}, key=lambda one: (-len(one), one)))


def names_about(own_words: Iterable[str], names: Iterable[str]) -> str:
    """Return a pattern for what names a person in records that are about this person; empty for nothing."""
    own = [_spaced(word) for word in own_words if len(word) >= SHORTEST_OWN]
    found = {*own, *(re.escape(name) for name in names if len(name) > 1)}
    return "|".join(sorted(found, key=lambda one: (-len(one), one)))


def masked(text: str, pattern: str) -> str:
    """Return a text without what a pattern names."""
    return re.sub(pattern, MASK, text, flags=re.IGNORECASE) if pattern else text


def _spaced(word: str) -> str:
    """Return a pattern for a number however it is spaced, or for the word as it is."""
    digits = re.sub(r"[\s+-]", "", word)
    return "[ -]?".join(digits) if digits.isdigit() and len(digits) > SHORTEST_OWN else re.escape(word)
