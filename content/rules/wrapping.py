"""Lines of a page joined again where a line was full and its sentence went on below.

A word broken over two lines is one word to its reader, so the pre-check reads it as one; each place can still be found
again in the text of the page as it was taken from the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from unicodedata import east_asian_width

FULL = 0.8  # of the widest line of its paragraph
LEAST_COLUMNS = 24  # a narrower line is a heading or an entry of a list
_ENDED = re.compile(r"[。！？!?：:；;]\s*$")
_BEGINS_ANEW = re.compile(
    r"\s*(?:[•·●○■□▪◆◇※*†\-–—]|【|\d{1,2}[.、)）]|[（(]?[一二三四五六七八九十]{1,3}[、)）])"
)
_LATIN = re.compile(r"[0-9A-Za-z,.;%)\]]")


def unwrapped(text: str, paragraphs: Iterable[str]) -> tuple[str, Sequence[int]]:
    """Return the text with full lines joined, and for each letter of it the place it stands at in `text`.

    `paragraphs` are those of the page, their lines apart by a line feed; a break they do not know stays a break.
    """
    wraps = {pair for paragraph in paragraphs for pair in _wraps(paragraph.split("\n"))}
    lines = text.split("\n")
    letters: list[str] = []
    places: list[int] = []
    start = 0
    for number, line in enumerate(lines):
        letters += line
        places += range(start, start + len(line))
        start += len(line) + 1
        following = lines[number + 1] if number + 1 < len(lines) else None
        if following is None:
            break
        joint = _joint(line, following) if (_bare(line), _bare(following)) in wraps else "\n"
        letters += joint
        places += [start - 1] * len(joint)
    return "".join(letters), places


def _wraps(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of lines of one paragraph of which the second goes on with the sentence of the first."""
    stripped = [line.strip() for line in lines]
    widest = max(map(_columns, stripped))
    return [
        (_bare(line), _bare(following))
        for line, following in pairwise(stripped)
        if _columns(line) >= max(LEAST_COLUMNS, FULL * widest)
        and not _ENDED.search(line)
        and not _BEGINS_ANEW.match(following)
    ]


def _joint(line: str, following: str) -> str:
    return " " if _LATIN.match(line[-1:]) and _LATIN.match(following[:1]) else ""


def _bare(line: str) -> str:
    """Return a line as both readings of the page give it: they differ in blanks."""
    return "".join(line.split())


def _columns(line: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in line)
