"""Findings of the pre-check in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from content.rules import LINT_NUMBERS, LINT_RULES


@dataclass(frozen=True)
class Shown:
    """One finding as a page shows it; `row` is the finding itself. `clause` is empty for company policy."""

    row: Any
    title: dict[str, str]
    fix: dict[str, str]
    clause: str
    is_must: bool
    number: str = ""


def shown_findings(findings: Iterable[Any]) -> list[Shown]:
    """Return findings with their rule's words and source; one of an unknown, older rule keeps its id."""
    return [_shown(finding) for finding in findings]


def _shown(finding: Any) -> Shown:
    rule = LINT_RULES.get(finding.rule)
    if rule is None:
        return Shown(finding, {"zh": finding.rule, "en": finding.rule}, {}, "", finding.severity == "must")
    source = rule.sources[0]
    return Shown(
        finding,
        rule.title,
        rule.fix,
        f"{source.instrument} {source.clause}".strip(),
        finding.severity == "must",
        LINT_NUMBERS.get(rule.id) or next(iter(rule.samr), ""),
    )
