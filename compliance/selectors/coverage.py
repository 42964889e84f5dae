"""What becomes of every row of the clause-level reference: docs/rules.md is written from here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import yaml

from compliance.evaluate import RULEBOOK, shipped_book
from compliance.rules.book import POLICY, Rule
from compliance.rules.reference import row_ids

KINDS = {
    "rule": "rule",
    "constraint": "schema constraint",
    "process": "process",
    "none": "not enforceable",
}
SCENES = {
    "representative": "Representatives", "visit": "Academic visits", "event": "Academic events",
    "hospitality": "Hospitality", "consulting": "Speakers and services", "outsourcing": "Third parties",
    "giving": "Donations and sponsorship", "research": "Clinical studies", "retail": "Retail",
    "content": "Materials and advertising", "channel": "Channels and consent", "safety": "Drug safety",
    "privacy": "Personal data", "record": "Records", "kernel": "Holds",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row of the reference: the rules that carry it, or why there is none."""

    id: str
    kind: str
    rules: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Chapter:
    """One table of the reference."""

    title: str
    rows: tuple[Row, ...]


def coverage() -> list[Chapter]:
    """Return every row of the reference with what becomes of it, chapter by chapter.

    Raises: LookupError for a row that nothing accounts for, or a line about no row.
    """
    table = yaml.safe_load((RULEBOOK / "coverage.yaml").read_text(encoding="utf-8"))
    carried = _carried(shipped_book().rules)
    entries = table["entries"]
    chapters, known = [], set()
    for prefix, ids in row_ids(table["rows"]).items():
        chapter = table["rows"][prefix]
        known.update(ids)
        chapters.append(Chapter(chapter["title"], tuple(_row(one, carried, entries) for one in ids)))
    for title, lines in table["others"].items():
        chapters.append(Chapter(title, tuple(_other(key, *said) for key, said in lines.items())))
    if strays := sorted(entries.keys() - known):
        raise LookupError(f"no row of the reference: {', '.join(strays)}")
    return chapters


def rules_document() -> str:
    """Return docs/rules.md: the account of every row, then every rule of the shipped edition."""
    chapters, rules = coverage(), shipped_book().rules
    counts: dict[str, int] = {}
    for chapter in chapters:
        for row in chapter.rows:
            counts[row.kind] = counts.get(row.kind, 0) + 1
    lines = [
        "# Rules",
        "",
        "Written by `manage.py rules_doc` from `compliance/rulebook/`; do not edit.",
        "",
        f"{len({rule.id for rule in rules})} rules in {len(rules)} texts, {sum(len(rule.examples) for rule in rules)} examples."
        f" Of {sum(counts.values())} rows of the"
        f" reference, those without an id included: {', '.join(f'{counts[kind]} {KINDS[kind]}' for kind in KINDS if kind in counts)}.",
        "",
        "Confidence of a source: **V-P** the instrument's own text was read; **V-S** a secondary page was read; **M** not"
        f" read. A rule with M alone is {POLICY}, quotes no article, and blocks only once the company adopts it.",
        "",
        "## Every row of the reference",
    ]
    for chapter in chapters:
        lines += ["", f"### {chapter.title}", "", "| row | becomes | by |", "|---|---|---|"]
        for row in chapter.rows:
            lines.append(f"| {row.id} | {KINDS[row.kind]} | {', '.join(row.rules) or row.words} |")
    lines += ["", "## Every rule"]
    for scene, title in SCENES.items():
        ours = [rule for rule in rules if rule.scene == scene]
        if not ours:
            continue
        lines += [
            "",
            f"### {title}",
            "",
            "| rule | grade | what it says | source | in force | applies at |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_line(rule) for rule in ours]
    return "\n".join(lines) + "\n"


def _line(rule: Rule) -> str:
    sources = "; ".join(
        f"{POLICY if source.confidence == 'M' else source.instrument}"
        f"{' ' + source.clause if source.clause else ''} ({source.confidence})"
        for source in rule.sources
    )
    at = "every act" if rule.at == ("*",) else ", ".join(rule.at)
    dates = f"{rule.valid_from} –" + (f" before {rule.valid_until}" if rule.valid_until else "")
    return (
        f"| {rule.id} | {rule.grade} | {rule.title['zh']} · {rule.title['en']} | {sources} | {dates} | {at} |"
    )


def _carried(rules: Iterable[Rule]) -> dict[str, list[str]]:
    carried: dict[str, list[str]] = {}
    for rule in rules:
        for row in dict.fromkeys([re.sub(r"[a-z]$", "", rule.id), *rule.covers]):
            if rule.id not in carried.setdefault(row, []):
                carried[row].append(rule.id)
    return carried


def _row(row: str, carried: dict[str, list[str]], entries: dict[str, list[str]]) -> Row:
    if row in carried and row in entries:
        raise LookupError(f"{row} is accounted for twice")
    if row in carried:
        return Row(row, "rule", tuple(carried[row]), "")
    if row not in entries:
        raise LookupError(f"nothing accounts for {row}")
    kind, words = entries[row]
    if kind not in KINDS or not words:
        raise LookupError(f"{row}: {kind} is no account")
    return Row(row, kind, (), words)


def _other(key: str, kind: str, by: str | list[str]) -> Row:
    """Return the account of a row without an id: words, or rules and their figures that exist."""
    if isinstance(by, str):
        if kind not in KINDS or kind == "rule" or not by:
            raise LookupError(f"{key}: {kind} is no account")
        return Row(key, kind, (), by)
    for name in by:
        rule_id, _dot, figure = name.partition(".")
        texts = shipped_book().by_id.get(rule_id, ())
        if not texts or (figure and figure not in texts[-1].parameters):
            raise LookupError(f"{key}: there is no {name}")
    return Row(key, kind, tuple(by), "")
