"""Find a quotation again in changed text, or say that it is not there. Source: W3C Web Annotation, TextQuoteSelector."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

AROUND = 32
SAME, MOVED, LOST = "same", "moved", "lost"


@dataclass(frozen=True)
class Found:
    """Where a quotation stands now: page and place, and whether a person has to look at it."""

    page: int
    start: int
    end: int
    how: str


def surroundings(text: str, start: int, end: int) -> tuple[str, str]:
    """Return the letters before and after a place, to know it again by."""
    return text[max(0, start - AROUND) : start], text[end : end + AROUND]


def find_again(quote: str, prefix: str, suffix: str, page: int, pages: Sequence[str]) -> Found | None:
    """Return where a quotation of page `page` (from 1) stands in new pages, or None when it is gone or in doubt.

    Blanks and line ends do not count. `same`: the one place that fits the surroundings on the same page;
    `moved`: the one place elsewhere. Several equally good places are no answer.
    """
    wanted = _bare(quote)
    if not wanted:
        return None
    before, after = _bare(prefix), _bare(suffix)
    places: list[tuple[int, int, int, int]] = []
    for number, text in enumerate(pages, 1):
        bare, back = _bare_with_places(text)
        start = bare.find(wanted)
        while start >= 0:
            end = start + len(wanted)
            fits = _fits(bare, start, end, before, after)
            places.append((fits, number, back[start], back[end - 1] + 1))
            start = bare.find(wanted, start + 1)
    if not places:
        return None
    best = max(fits for fits, *_rest in places)
    top = [place for place in places if place[0] == best]
    here = [place for place in top if place[1] == page]
    if len(here) == 1 and (len(top) == 1 or best > 0):
        _fit, number, start, end = here[0]
        return Found(number, start, end, SAME if best >= min(8, len(before) + len(after)) else MOVED)
    if len(top) == 1:
        _fit, number, start, end = top[0]
        return Found(number, start, end, MOVED)
    return None


def _fits(text: str, start: int, end: int, before: str, after: str) -> int:
    score = 0
    for back in range(1, min(len(before), start) + 1):
        if text[start - back] != before[-back]:
            break
        score += 1
    for ahead in range(min(len(after), len(text) - end)):
        if text[end + ahead] != after[ahead]:
            break
        score += 1
    return score


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _bare_with_places(text: str) -> tuple[str, list[int]]:
    places = [place for place, letter in enumerate(text) if not letter.isspace()]
    return "".join(text[place] for place in places), places


def changed_lines(old: str, new: str) -> list[tuple[str, str]]:
    """Return the lines that went (`gone`) and came (`new`), in the order of the page; blanks at ends do not count."""
    before = [line.strip() for line in old.splitlines() if line.strip()]
    after = [line.strip() for line in new.splitlines() if line.strip()]
    changes: list[tuple[str, str]] = []
    for tag, start, end, start_new, end_new in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if tag != "equal":
            changes += [("gone", line) for line in before[start:end]]
            changes += [("new", line) for line in after[start_new:end_new]]
    return changes
