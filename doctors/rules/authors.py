"""Who of a by-line may be a doctor on record: reasons for and nothing more. A person decides. Pure.

A name alone never attaches anybody: thousands share one, and a by-line in letters leaves the characters open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import product

NAME, SOUND = "name", "sound"  # the same characters; the same sounds in letters
HOSPITAL, DEPARTMENT, COLLEAGUE = "hospital", "department", "colleague"
BY_NAME_ALONE = frozenset({NAME, SOUND})
MOST_BY_NAME = 3  # a name that more doctors bear proposes nobody by itself
MOST_SYLLABLES = 6
HAN = re.compile(r"[\u3400-\u9fff]")
STARTS = ("", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r", "z", "c",
          "s", "y", "w")  # fmt: skip
ENDS = ("a", "o", "e", "i", "u", "v", "ai", "ei", "ui", "ao", "ou", "iu", "ie", "ve", "ue", "er", "an", "en", "in",
        "un", "vn", "ang", "eng", "ing", "ong", "ia", "iao", "ian", "iang", "iong", "ua", "uo", "uai", "uan", "uang",
        "van")  # fmt: skip
SYLLABLES = frozenset(start + end for start, end in product(STARTS, ENDS))


def sort_keys_of(family: str, given: str) -> frozenset[str]:
    """Return the readings, syllables apart, that a name in letters may have; nothing for initials or characters.

    “Zhang” and “Xiaoming” make “zhang xiao ming”; where the family name is not told apart both orders are tried.
    """
    if HAN.search(family + given):
        return frozenset()
    if not given:
        words = family.split()
        pairs = [(words[0], " ".join(words[1:])), (words[-1], " ".join(words[:-1]))] if len(words) > 1 else []
        return frozenset().union(*(sort_keys_of(*pair) for pair in pairs))
    if all(len(part) == 1 or part.isupper() for part in re.split(r"[\s\-.]+", given.strip()) if part):
        return frozenset()
    heads, tails = _spelt(family), _spelt(given)
    plain = {f"{_letters(family)} {_letters(given)}"}  # a Latin name is kept as its words
    return frozenset({" ".join((*head, *tail)) for head in heads for tail in tails} | plain)


def reasons_for(
    *,
    is_same_characters: bool,
    affiliation: str,
    hospitals: Iterable[str],
    departments: Iterable[str],
    is_beside_colleague: bool,
) -> tuple[str, ...]:
    """Return why a doctor of this name may be meant: the name, and what of the place of work agrees with it."""
    said = _folded(affiliation)
    return tuple(
        filter(
            None,
            (
                NAME if is_same_characters else SOUND,
                HOSPITAL if _any_in(hospitals, said, shortest=4) else "",
                DEPARTMENT if _any_in(departments, said, shortest=2) else "",
                COLLEAGUE if is_beside_colleague else "",
            ),
        )
    )


def rests_on_name_alone(reasons: Iterable[str]) -> bool:
    """Say whether nothing but the name speaks for it: then a person has to say how they made sure."""
    return set(reasons) <= BY_NAME_ALONE


def _any_in(names: Iterable[str], said: str, *, shortest: int) -> bool:
    return any(len(folded) >= shortest and folded in said for folded in map(_folded, names))


def _folded(text: str) -> str:
    return re.sub(r"[\s,.;:()'’\-]+", "", text.casefold())


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]+", "", text.casefold().replace("ü", "v"))


def _spelt(text: str) -> list[tuple[str, ...]]:
    """Return every way to part a word into syllables; a hyphen or a space parts it too."""
    parts = [_letters(part) for part in re.split(r"[\s\-'’·]+", text.strip()) if part]
    ways = [_parted(part) for part in parts]
    return [tuple(one for way in chosen for one in way) for chosen in product(*ways)] if all(ways) else []


@lru_cache(maxsize=4096)
def _parted(word: str) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    if word in SYLLABLES:
        found.append((word,))
    for end in range(1, min(len(word), 7)):
        if word[:end] in SYLLABLES:
            found += [(word[:end], *rest) for rest in _parted(word[end:]) if len(rest) < MOST_SYLLABLES]
    return tuple(found)
