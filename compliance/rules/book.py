"""The rule book: rules with their dates, put in order by decision point."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

GRADES = ("禁止", "避免", "应当", "关注", "建议", "倡导", "可以")
SCENES = (
    "visit", "representative", "hospitality", "consulting", "outsourcing", "giving", "research", "retail",
    "event", "content", "channel", "safety", "privacy", "record", "kernel",
)  # fmt: skip
CONFIDENCE = ("V-P", "V-S", "M")
LANGUAGES = ("zh", "en")
POLICY = "公司政策（法源待核）"
EVERYWHERE = "*"
LEAST_EXAMPLES = 3


@dataclass(frozen=True)
class ActFacts:
    """What the kernel knows of every act: its point, its day, and which of its subjects are on hold."""

    point: str = ""
    on: str = ""
    held: tuple[str, ...] = ()


@dataclass(frozen=True)
class PointShape:
    """A decision point as a rule sees it: the root's name and the dataclass of its facts."""

    name: str
    root: str
    facts: type
    kind: str = "before"


@dataclass(frozen=True)
class RuleSource:
    """Where a rule stands. A source of confidence M names no clause."""

    instrument: str
    clause: str
    in_force: str
    confidence: str


@dataclass(frozen=True)
class Example:
    """One act and whether the rule refuses it."""

    refused: bool
    root: str
    point: str
    facts: Mapping[str, Any]
    act: Mapping[str, Any]
    words: str = ""


@dataclass(frozen=True)
class Rule:
    """One rule of the book, as its text says it."""

    id: str
    scene: str
    grade: str
    at: tuple[str, ...]
    title: Mapping[str, str]
    text: Mapping[str, str]
    sources: tuple[RuleSource, ...]
    valid_from: str
    conditions: Mapping[str, str]
    message: Mapping[str, str]
    instead: Mapping[str, str]
    examples: tuple[Example, ...]
    show: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    valid_until: str = ""
    waiver: str = ""
    covers: tuple[str, ...] = ()
    instead_url: str = ""
    note: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    body: str = ""

    @property
    def is_policy(self) -> bool:
        """Whether no source was read: company policy, which blocks only once the company adopts it."""
        return all(source.confidence == "M" for source in self.sources)

    @property
    def confidence(self) -> str:
        """The best mark among the sources."""
        return min((source.confidence for source in self.sources), key=CONFIDENCE.index)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body.encode()).hexdigest()

    def holds_on(self, day: str) -> bool:
        """Whether the rule is in force on an ISO day."""
        return self.valid_from <= day and (not self.valid_until or day < self.valid_until)


@dataclass(frozen=True)
class DatedParameter:
    """A company figure from a day until before another ("" = open)."""

    rule: str
    name: str
    value: Any
    valid_from: str
    valid_until: str = ""


@dataclass(frozen=True)
class Book:
    """Rules in force together, with the company's dated figures. `key` names the pack in every verdict."""

    key: str
    rules: tuple[Rule, ...]
    parameters: tuple[DatedParameter, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, tuple[Rule, ...]]:
        found: dict[str, list[Rule]] = {}
        for rule in self.rules:
            found.setdefault(rule.id, []).append(rule)
        return {rule_id: tuple(rules) for rule_id, rules in found.items()}

    @cached_property
    def by_point(self) -> dict[str, tuple[Rule, ...]]:
        found: dict[str, list[Rule]] = {}
        for rule in self.rules:
            for point in rule.at:
                found.setdefault(point, []).append(rule)
        return {point: tuple(rules) for point, rules in found.items()}

    def at(self, point: str, day: str) -> list[Rule]:
        """Return the rules that judge a point on a day, by id."""
        rules = (*self.by_point.get(EVERYWHERE, ()), *self.by_point.get(point, ()))
        return [rule for rule in rules if rule.holds_on(day)]

    def figures_on(self, rule: Rule, day: str) -> dict[str, Any]:
        """Return a rule's parameters on a day: its own figures, then the company's."""
        figures: dict[str, Any] = (
            {"adopted": False, **rule.parameters} if rule.is_policy else dict(rule.parameters)
        )
        for change in self.parameters:
            if (
                change.rule == rule.id
                and change.name in figures
                and change.valid_from <= day
                and (not change.valid_until or day < change.valid_until)
            ):
                figures[change.name] = change.value
        return figures
