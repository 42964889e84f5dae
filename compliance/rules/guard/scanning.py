"""Find in a text or a header what may not be stored, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .header_terms import BARE, HEADERS, INNOCENT_HEADER, READINGS, TOKENS
from .reading import bare, clause_of, fold, sounds, spell, squeeze, words_of
from .terms import COUNT_NEAR, DOSING, FOLDED, RULE_OF, SPELLED, SQUEEZED


@dataclass(frozen=True)
class Finding:
    """One hit: what kind, where in the text as given, which words, and the rule that forbids it."""

    category: str
    start: int
    end: int
    words: str
    rule: str


def scan_text(text: str) -> tuple[Finding, ...]:
    """Return what a free text holds that may not be stored, in order, without overlaps of one category."""
    found: list[Finding] = []
    folded, folded_at = fold(text)
    squeezed, squeezed_at = squeeze(folded, folded_at)
    spelled, spelled_at = spell(squeezed, squeezed_at)
    for category, start, end in _matches(FOLDED_COMPILED, folded):
        found.append(_finding(text, category, folded_at, start, end))
    for category, start, end in _matches(SQUEEZED_COMPILED, squeezed):
        found.append(_finding(text, category, squeezed_at, start, end))
    for match in COUNT_NEAR.finditer(squeezed):
        if not DOSING.search(clause_of(squeezed, match.start(), match.end())):
            found.append(_finding(text, "prescription_counts", squeezed_at, match.start(), match.end()))
    for category, terms in SPELLED.items():
        for term in terms:
            at = spelled.find(term)
            if at >= 0:
                found.append(_finding(text, category, spelled_at, at, at + len(term)))
    return _without_overlaps(found)


def scan_header(name: str, sample_values: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Return what a column would hold that may not be stored, from its header and some of its values."""
    name = name.strip()
    said = _without_innocent(name)
    folded, folded_at = fold(said)
    squeezed, squeezed_at = squeeze(folded, folded_at, everything=True)
    found = list(scan_text(said))
    for category, start, end in _matches(HEADERS_COMPILED, squeezed):
        found.append(_finding(name, category, squeezed_at, start, end))
    for category, start, end in _matches(HEADERS_COMPILED, folded):
        found.append(_finding(name, category, folded_at, start, end))
    found += _undisguised(name, said)
    hits = [scan_text(str(value)) for value in sample_values if value not in (None, "")]
    for category in RULE_OF:
        share = [finding for one in hits for finding in one if finding.category == category]
        if hits and len(share) * 2 >= len(hits):
            found.append(Finding(category, 0, len(name), share[0].words, RULE_OF[category]))
    return _without_overlaps(found)


def categories_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return the categories of findings, each once, in order: what facts carry to the rules."""
    return tuple(dict.fromkeys(finding.category for finding in findings))


def _compiled(table: dict[str, tuple[str, ...]], flags: int = 0) -> dict[str, re.Pattern[str]]:
    return {
        category: re.compile("|".join(f"(?:{one})" for one in patterns), flags)
        for category, patterns in table.items()
    }


SQUEEZED_COMPILED = _compiled(SQUEEZED)
FOLDED_COMPILED = _compiled(FOLDED, re.ASCII)  # a Chinese character ends an English word
HEADERS_COMPILED = _compiled(HEADERS)
BARE_COMPILED = _compiled(BARE)


def _matches(table: dict[str, re.Pattern[str]], text: str) -> Iterator[tuple[str, int, int]]:
    for category, pattern in table.items():
        for match in pattern.finditer(text):
            if match.end() > match.start():
                yield category, match.start(), match.end()


def _undisguised(name: str, said: str) -> list[Finding]:
    """Return what a header holds once its separators, digits for letters and short words are read as meant."""
    folded, folded_at = fold(said)
    squeezed, _at = squeeze(folded, folded_at, everything=True)
    found: list[Finding] = []
    for reading in READINGS:
        letters, letters_at = bare(folded, folded_at, reading)
        for category, start, end in _matches(BARE_COMPILED, letters):
            found.append(_finding(name, category, letters_at, start, end))
    if sounds(squeezed) == "tongfang":
        found.append(Finding("prescription_counts", 0, len(name), name, RULE_OF["prescription_counts"]))
    for word in words_of(said):
        for category, short in TOKENS.items():
            if word in short:
                found.append(Finding(category, 0, len(name), name, RULE_OF[category]))
    return found


def _without_innocent(name: str) -> str:
    """Put sentence marks where innocent words stand, so that nothing else moves or runs together."""
    folded, folded_at = fold(name)
    squeezed, at = squeeze(folded, folded_at, everything=True)
    gone: set[int] = set()
    for match in INNOCENT_HEADER.finditer(squeezed):
        gone.update(range(at[match.start()], at[match.end() - 1] + 1))
    return "".join("；" if place in gone else character for place, character in enumerate(name))


def _finding(text: str, category: str, at: list[int], start: int, end: int) -> Finding:
    first, last = at[start], at[end - 1] + 1
    return Finding(category, first, last, text[first:last], RULE_OF[category])


def _without_overlaps(found: list[Finding]) -> tuple[Finding, ...]:
    kept: list[Finding] = []
    for finding in sorted(found, key=lambda one: (one.start, -one.end)):
        if not any(
            one.category == finding.category and finding.start < one.end and one.start < finding.end
            for one in kept
        ):
            kept.append(finding)
    return tuple(kept)
