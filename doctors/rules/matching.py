"""Does what somebody typed mean this name? Chinese, pinyin, initials, mixed, or one typing mistake away. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pypinyin.constants import PINYIN_DICT
from rapidfuzz.distance import OSA

from doctors.rules.names import HAN

MOST_INITIALS = 40
LONGEST_SYLLABLE = 6


def fold_query(text: str) -> list[str]:
    """Return what was typed as folded words."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("ü", "v")
    return [word for word in re.split(r"[\s,，;；、·'’]+", folded) if word][:6]


def has_han(word: str) -> bool:
    """Return whether a word holds a Chinese character."""
    return bool(HAN.search(word))


@lru_cache(maxsize=1)
def syllable_heads() -> frozenset[str]:
    """Return every beginning of every pinyin syllable, toneless."""
    heads: set[str] = set()
    for readings in PINYIN_DICT.values():
        for reading in readings.split(","):
            plain = (
                unicodedata.normalize("NFKD", reading.replace("ü", "v")).encode("ascii", "ignore").decode()
            )
            heads |= {plain[:end] for end in range(1, len(plain) + 1)}
    return frozenset(heads)


def initials_of_query(word: str) -> list[str]:
    """Return the initials a run of letters may stand for: zhangwm may be z-w-m, shorter ones first."""
    heads = syllable_heads()
    found: dict[int, set[str]] = {len(word): {""}}
    for start in range(len(word) - 1, -1, -1):
        here: set[str] = set()
        for end in range(start + 1, min(len(word), start + LONGEST_SYLLABLE) + 1):
            if word[start:end] in heads:
                here |= {word[start] + rest for rest in found.get(end, ())}
        found[start] = set(sorted(here, key=len)[:MOST_INITIALS])
    return sorted(found[0], key=lambda text: (len(text), text))


def reads_as(word: str, reading: str) -> bool:
    """Return whether letters fit the beginnings of the syllables of a reading, in order, from the first."""
    return _fits(word, tuple(reading.split()))


@lru_cache(maxsize=4096)
def _fits(word: str, syllables: tuple[str, ...]) -> bool:
    if not word:
        return True
    if not syllables:
        return False
    first, rest = syllables[0], syllables[1:]
    common = 0
    while common < min(len(first), len(word)) and first[common] == word[common]:
        common += 1
    return any(_fits(word[length:], rest) for length in range(common, 0, -1))


def mixed_fits(word: str, name: str, reading: str) -> bool:
    """Return whether a mix of characters and letters fits a name: 张wm, 张wei明."""
    syllables = reading.split()
    characters = list(re.sub(r"\s|·", "", name))
    if len(syllables) != len(characters):
        return False
    place = 0
    for part in re.findall(rf"{HAN.pattern}|[a-z]+", word):
        if place >= len(characters):
            return False
        if HAN.match(part):
            if characters[place] != part:
                return False
            place += 1
            continue
        taken = next((n for n in range(1, len(syllables) - place + 1)
                      if reads_as(part, " ".join(syllables[place : place + n]))), 0)  # fmt: skip
        if not taken:
            return False
        place += taken
    return True


def initials_of_mixed(word: str, reading: str) -> list[str]:
    """Return the initials a mix of characters and letters may stand for; `reading` is that of its characters."""
    heads, found = iter(reading.split()), [""]
    for part in re.findall(rf"{HAN.pattern}|[a-z]+", word):
        ends = [next(heads, "?")[0]] if HAN.match(part) else initials_of_query(part)
        found = [start + end for start in found for end in ends][:MOST_INITIALS]
    return found


def remainders(word: str) -> list[str]:
    """Return a word, and what is left of it without each of its letters: the twin of SQL `pharmacrm_slips`."""
    return list(dict.fromkeys([word, *(word[:place] + word[place + 1 :] for place in range(len(word)))]))


def holds_with_one_slip(word: str, text: str) -> bool:
    """Return whether a text holds a word but for one wrong, missing, added or swapped character."""
    return any(
        OSA.distance(word, text[start : start + length], score_cutoff=1) <= 1
        for length in (len(word) - 1, len(word), len(word) + 1)
        for start in range(max(len(text) - length + 1, 1))
    )


def is_one_slip_away(word: str, name: str) -> bool:
    """Return whether one wrong, missing, added or swapped character parts two texts."""
    return word != name and OSA.distance(word, name, score_cutoff=1) <= 1


def is_hasty_slip(word: str, name: str) -> bool:
    """Return whether a word is a name with one letter left out, or two neighbours swapped.

    A name gives few such words, but dozens with any other letter in any place: of the names one slip away these are
    the likelier ones.
    """
    if len(word) + 1 == len(name):
        return is_one_slip_away(word, name)
    if len(word) != len(name) or word == name:
        return False
    place = next(n for n, (typed, meant) in enumerate(zip(word, name, strict=True)) if typed != meant)
    swapped = name[:place] + name[place + 1 : place + 2] + name[place] + name[place + 2 :]
    return word == swapped
