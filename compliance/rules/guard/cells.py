"""The cells of a table, many at once: most are the same, or too short to say anything, and need not be read one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .scanning import Finding, scan_text

# every term has a Chinese character, three letters, or as many digits as an identity card
HARMLESS = re.compile(r"(?=[\x00-\x7f]{0,13}\Z)[^A-Za-z]*(?:[A-Za-z][^A-Za-z]*){0,2}\Z")
LONG_NUMBERS = re.compile(r"(?<=\d\d)\d")
END = "。\n"  # no term reaches over the end of a sentence
TOGETHER = 100
REMEMBERED = 50_000


class CellScan:
    """Scans batch after batch; what was found clean is not read again. Keeps 50,000 clean texts at most."""

    def __init__(self) -> None:
        self._clean: set[str] = set()

    def findings(self, texts: Iterable[str]) -> dict[str, tuple[Finding, ...]]:
        """Return what each text holds that may not be stored; texts that hold nothing are left out."""
        fresh = set(texts) - self._clean
        alike: dict[str, list[str]] = {}
        for text in fresh:
            if not HARMLESS.match(text):
                alike.setdefault(_shape(text), []).append(text)
        shapes = list(alike.keys() - self._clean)
        held: dict[str, tuple[Finding, ...]] = {}
        for start in range(0, len(shapes), TOGETHER):
            for shape in _suspects(shapes[start : start + TOGETHER]):
                for text in alike[shape]:
                    if found := scan_text(text):
                        held[text] = found
        if len(self._clean) < REMEMBERED:
            self._clean |= fresh - held.keys()
            self._clean |= alike.keys() - {_shape(text) for text in held}
        return held


def _suspects(texts: Sequence[str]) -> Sequence[str]:
    """Return the texts to be read one by one: none when nothing is found in all of them together."""
    return texts if scan_text(END.join(texts)) else ()


def _shape(text: str) -> str:
    """Return a text with its long numbers made alike: their length and first two digits say what they may be.

    A number with a year or stars in it, as identity cards are hidden, stays.
    """
    return text if "*" in text else LONG_NUMBERS.sub("1", text)
