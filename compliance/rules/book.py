"""The rule book: rules read from text, strictly checked, and put in order by decision point."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from .expressions import ExpressionError, ListOf, check, fields_of, type_of_value

GRADES = ("禁止", "避免", "应当", "关注", "建议", "倡导", "可以")
SCENES = (
    "visit", "representative", "hospitality", "consulting", "outsourcing", "giving", "research", "retail",
    "event", "content", "channel", "safety", "privacy", "record", "kernel",
)  # fmt: skip
CONFIDENCE = ("V-P", "V-S", "M")
LANGUAGES = ("zh", "en")
POLICY = "公司政策（法源待核）"
EVERYWHERE = "*"
KEYS = {
    "id", "scene", "grade", "waiver", "at", "title", "text", "sources", "covers", "valid_from", "valid_until",
    "parameters", "breach_when", "show", "message", "instead", "instead_url", "examples", "note",
}  # fmt: skip
REQUIRED = (
    "id", "scene", "grade", "at", "title", "text", "sources", "valid_from", "breach_when", "message", "instead", "examples",
)  # fmt: skip
RULE_ID = re.compile(r"^[A-Z]{2,4}-\d{2}[a-z]?$")
IN_FORCE = re.compile(r"^\d{4}(-\d{2}(-\d{2})?)?$")  # a year where the day is not known
PLACEHOLDER = re.compile(r"\{(\w+)\}")
LEAST_EXAMPLES = 3
SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same safe loader, in C where it is built


class Loader(SAFE):
    """YAML 1.2's idea of yes and no: only true and false, so that `on` and `no` stay words."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in SAFE.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


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
class Fault:
    """What is wrong with a rule's text, where."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class BookError(ValueError):
    """A rule book that may not be used: every fault, with file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


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


def read_folder(folder: Path, points: Mapping[str, PointShape]) -> tuple[Rule, ...]:
    """Read every rule of a folder, by id. Raises: BookError with every fault of every file."""
    rules: list[Rule] = []
    faults: list[Fault] = []
    for path in sorted(folder.glob("*/*.yaml")):
        name = str(path.relative_to(folder))
        try:
            rules.append(read_rule(path.read_text(encoding="utf-8"), points, file=name))
        except BookError as error:
            faults.extend(error.faults)
    faults.extend(overlaps(rules))
    if faults:
        raise BookError(faults)
    return tuple(sorted(rules, key=lambda rule: (rule.id, rule.valid_from)))


def overlaps(rules: Iterable[Rule]) -> Iterator[Fault]:
    """Yield a fault for each rule id that would hold twice on one day."""
    last: dict[str, Rule] = {}
    for rule in sorted(rules, key=lambda rule: (rule.id, rule.valid_from)):
        before = last.get(rule.id)
        if before and (not before.valid_until or before.valid_until > rule.valid_from):
            yield Fault(rule.file, 1, f"{rule.id} overlaps in time with {before.file or before.id}")
        last[rule.id] = rule


def read_rule(text: str, points: Mapping[str, PointShape], *, file: str = "") -> Rule:
    """Read and check one rule. Raises: BookError with file and line of every fault."""
    return _Reader(text, points, file).rule()


class _Reader:
    def __init__(self, text: str, points: Mapping[str, PointShape], file: str) -> None:
        self.text, self.points, self.file = text, points, file
        self.faults: list[Fault] = []
        self.lines: dict[tuple[str | int, ...], int] = {}

    def fault(self, path: tuple[str | int, ...], message: str) -> None:
        while path and path not in self.lines:
            path = path[:-1]
        self.faults.append(Fault(self.file, self.lines.get(path, 1), message))

    def rule(self) -> Rule:
        content = self.content()
        for key in content.keys() - KEYS:
            self.fault((key,), f"{key!r} is no part of a rule")
        for key in REQUIRED:
            if content.get(key) in (None, "", [], {}):
                self.fault((), f"{key} is missing")
        self.stop()
        figures = self.figures(content)
        shapes = self.shapes(content)
        self.stop()
        roots = {shape.root: shape for shape in shapes}
        conditions = self.conditions(content, roots, figures)
        show = self.show(content, roots, figures)
        rule = Rule(
            id=self.word(content, "id", RULE_ID),
            scene=self.choice(content, "scene", SCENES),
            grade=self.choice(content, "grade", GRADES),
            at=self.at(content),
            title=self.words(content, "title"),
            text=self.words(content, "text"),
            sources=self.sources(content),
            covers=tuple(content.get("covers") or ()),
            valid_from=self.day(content, "valid_from"),
            valid_until=self.day(content, "valid_until"),
            waiver=str(content.get("waiver") or ""),
            parameters=dict(content.get("parameters") or {}),
            conditions=conditions,
            show=show,
            message=self.words(content, "message", show),
            instead=self.words(content, "instead", show),
            instead_url=str(content.get("instead_url") or ""),
            note=self.words(content, "note") if content.get("note") else {},
            examples=self.examples(content, shapes),
            file=self.file,
            body=self.text,
        )
        if rule.valid_until and rule.valid_until <= rule.valid_from:
            self.fault(("valid_until",), "valid_until lies after valid_from")
        if rule.waiver and rule.grade != "避免":
            self.fault(("waiver",), "only a rule of grade 避免 can be waived")
        self.stop()
        return rule

    def stop(self) -> None:
        if self.faults:
            raise BookError(self.faults)

    def content(self) -> dict[str, Any]:
        try:
            node = yaml.compose(self.text, Loader=Loader)
            content = yaml.load(self.text, Loader=Loader)  # noqa: S506 - a safe loader
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            raise BookError([Fault(self.file, line, str(getattr(error, "problem", error)))]) from error
        if not isinstance(content, dict) or node is None:
            raise BookError([Fault(self.file, 1, "a rule is a YAML mapping")])
        self.note_lines(node, ())
        self.stop()
        return content

    def note_lines(self, node: yaml.Node, path: tuple[str | int, ...]) -> None:
        self.lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.value in seen:
                    self.faults.append(
                        Fault(self.file, key.start_mark.line + 1, f"{key.value} stands here twice")
                    )
                seen.add(key.value)
                self.note_lines(value, (*path, key.value))
                self.lines[*path, key.value] = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                self.note_lines(value, (*path, number))

    # --- single parts
    def word(self, content: Mapping[str, Any], key: str, pattern: re.Pattern[str]) -> str:
        value = str(content[key])
        if not pattern.match(value):
            self.fault((key,), f"{value!r} is no {key} of a rule")
        return value

    def choice(self, content: Mapping[str, Any], key: str, among: tuple[str, ...]) -> str:
        value = str(content[key])
        if value not in among:
            self.fault((key,), f"{key} is one of {' '.join(among)}, not {value!r}")
        return value

    def day(self, content: Mapping[str, Any], key: str, path: tuple[str | int, ...] = ()) -> str:
        value = content.get(key)
        if value in (None, ""):
            return ""
        if isinstance(value, date):
            return value.isoformat()
        self.fault((*path, key), f"{key} is a day such as 2026-08-01, not {value!r}")
        return ""

    def at(self, content: Mapping[str, Any]) -> tuple[str, ...]:
        at = content["at"]
        return (at,) if isinstance(at, str) else tuple(str(point) for point in at)

    def shapes(self, content: Mapping[str, Any]) -> list[PointShape]:
        found = []
        for name in self.at(content):
            if name == EVERYWHERE:
                found.append(PointShape(EVERYWHERE, "act", ActFacts))
            elif name in self.points:
                found.append(self.points[name])
            else:
                self.fault(("at",), f"no app declares the decision point {name}")
        return found

    def words(
        self, content: Mapping[str, Any], key: str, show: Mapping[str, Mapping[str, str]] | None = None
    ) -> dict[str, str]:
        words = content[key]
        if not isinstance(words, dict) or set(words) != set(LANGUAGES) or not all(words.values()):
            self.fault((key,), f"{key} is given in zh and en")
            return {}
        said = {language: str(words[language]).strip() for language in LANGUAGES}
        if show is not None:
            for language, sentence in said.items():
                for name in PLACEHOLDER.findall(sentence):
                    for root, values in show.items():
                        if name not in values:
                            self.fault((key, language), f"{{{name}}} is not among what show gives for {root}")
                    if not show:
                        self.fault((key, language), f"{{{name}}} is not among what show gives")
        return said

    def sources(self, content: Mapping[str, Any]) -> tuple[RuleSource, ...]:
        sources = []
        for number, source in enumerate(content["sources"]):
            path: tuple[str | int, ...] = ("sources", number)
            if not isinstance(source, dict) or set(source) - {
                "instrument",
                "clause",
                "in_force",
                "confidence",
            }:
                self.fault(path, "a source has instrument, clause, in_force and confidence")
                continue
            instrument, clause = str(source.get("instrument") or ""), str(source.get("clause") or "")
            confidence = str(source.get("confidence") or "")
            if not instrument:
                self.fault(path, "a source names its instrument")
            if confidence not in CONFIDENCE:
                self.fault(path, f"confidence is one of {', '.join(CONFIDENCE)}")
            if confidence == "M" and clause:
                self.fault(path, "a source that nobody read (M) quotes no clause")
            in_force = str(source.get("in_force") or "")
            if not IN_FORCE.match(in_force):
                self.fault(path, "a source says since when it is in force")
            sources.append(RuleSource(instrument, clause, in_force, confidence))
        return tuple(sources)

    def figures(self, content: Mapping[str, Any]) -> dict[str, Any]:
        types: dict[str, Any] = {"adopted": "bool"}
        parameters = content.get("parameters") or {}
        if not isinstance(parameters, dict):
            self.fault(("parameters",), "parameters are names with values")
            return types
        for name, value in parameters.items():
            try:
                types[name] = type_of_value(value)
            except ExpressionError as error:
                self.fault(("parameters", name), str(error))
        return types

    def conditions(
        self, content: Mapping[str, Any], roots: Mapping[str, PointShape], figures: Mapping[str, Any]
    ) -> dict[str, str]:
        breach = content["breach_when"]
        if isinstance(breach, str) and len(roots) > 1:
            self.fault(("breach_when",), f"this rule judges {', '.join(roots)}: give a condition for each")
            return {}
        by_root = {next(iter(roots)): breach} if isinstance(breach, str) else breach
        if not isinstance(by_root, dict) or set(by_root) != set(roots):
            self.fault(
                ("breach_when",), f"breach_when is one condition, or one for each of {', '.join(roots)}"
            )
            return {}
        for root, source in by_root.items():
            path = ("breach_when", root) if isinstance(breach, dict) else ("breach_when",)
            kind = self.check(str(source), roots[root], figures, path)
            if kind not in (None, "bool"):
                self.fault(path, f"a condition is true or false, and this is {kind}")
        return {root: str(source).strip() for root, source in by_root.items()}

    def show(
        self, content: Mapping[str, Any], roots: Mapping[str, PointShape], figures: Mapping[str, Any]
    ) -> dict[str, dict[str, str]]:
        show = content.get("show") or {}
        several = bool(show) and all(isinstance(value, dict) for value in show.values())
        by_root = show if several else dict.fromkeys(roots, show) if show else {}
        if several and set(by_root) != set(roots):
            self.fault(("show",), f"show is given for each of {', '.join(roots)}")
            return {}
        for root, values in by_root.items():
            for name, source in values.items():
                path = ("show", root, name) if several else ("show", name)
                self.check(str(source), roots[root], figures, path)
        return {
            root: {name: str(source) for name, source in values.items()} for root, values in by_root.items()
        }

    def check(
        self, source: str, shape: PointShape, figures: Mapping[str, Any], path: tuple[str | int, ...]
    ) -> Any:
        try:
            return check(source, {shape.root: shape.facts, "act": ActFacts, "params": figures}).type
        except ExpressionError as error:
            self.fault(path, str(error))
            return None

    def examples(self, content: Mapping[str, Any], shapes: list[PointShape]) -> tuple[Example, ...]:
        examples = content["examples"]
        if not isinstance(examples, dict) or set(examples) != {"allowed", "refused"}:
            self.fault(("examples",), "examples are given as allowed and refused")
            return ()
        found = []
        for name in ("allowed", "refused"):
            if not isinstance(examples[name], list) or len(examples[name]) < LEAST_EXAMPLES:
                self.fault(("examples", name), f"at least {LEAST_EXAMPLES} examples are {name}")
                continue
            for number, example in enumerate(examples[name]):
                one = self.example(example, shapes, ("examples", name, number), refused=name == "refused")
                if one:
                    found.append(one)
        return tuple(found)

    def example(
        self, example: Any, shapes: list[PointShape], path: tuple[str | int, ...], *, refused: bool
    ) -> Example | None:
        by_root = {shape.root: shape for shape in reversed(shapes)}
        given = set(example) - {"point", "act", "words"} if isinstance(example, dict) else set()
        if example and isinstance(example, dict) and "act" in by_root:
            given = given or {"act"}
        if len(given) != 1 or not given <= set(by_root):
            self.fault(path, f"an example gives the facts of one of {', '.join(by_root)}")
            return None
        shape = by_root[next(iter(given))]
        point = str(example.get("point") or shape.name)
        if point not in {one.name for one in shapes}:
            self.fault(path, f"{point} is not where this rule applies")
        facts = example.get(shape.root) or {}
        _check_values(facts, shape.facts, lambda message: self.fault(path, message))
        _check_values(example.get("act") or {}, ActFacts, lambda message: self.fault(path, message))
        return Example(
            refused, shape.root, point, facts, example.get("act") or {}, str(example.get("words") or "")
        )


def _check_values(facts: Mapping[str, Any], kind: type, fault: Any) -> None:
    fields = fields_of(kind)
    for name, value in facts.items():
        if name not in fields:
            fault(f"there is no fact {name}")
            continue
        wanted = fields[name]
        try:
            found = wanted if isinstance(wanted, ListOf) and value == [] else type_of_value(value)
        except ExpressionError:
            found = None
        if found != wanted:
            fault(f"{name} is {wanted}, not {value!r}")
