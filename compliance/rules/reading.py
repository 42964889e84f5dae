"""Read rules from text, strictly checked: every fault with its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from .book import (
    CONFIDENCE,
    EVERYWHERE,
    GRADES,
    LANGUAGES,
    LEAST_EXAMPLES,
    SCENES,
    ActFacts,
    Example,
    PointShape,
    Rule,
    RuleSource,
)
from .expressions import ExpressionError, ListOf, check, fields_of, type_of_value
from .faults import BookError, Fault
from .reference import Reference
from .words import gettext_noop as _
from .yaml_text import read_yaml

MISSING = _("%(key)s is missing")
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


def overlaps(rules: Iterable[Rule]) -> Iterator[Fault]:
    """Yield a fault for each rule id that would hold twice on one day."""
    last: dict[str, Rule] = {}
    for rule in sorted(rules, key=lambda rule: (rule.id, rule.valid_from)):
        before = last.get(rule.id)
        if before and (not before.valid_until or before.valid_until > rule.valid_from):
            values = {"rule": rule.id, "other": before.file or before.id}
            yield Fault(rule.file, 1, _("%(rule)s overlaps in time with %(other)s"), values, "valid_from")
        last[rule.id] = rule


def read_rule(
    text: str, points: Mapping[str, PointShape], *, file: str = "", reference: Reference | None = None
) -> Rule:
    """Read and check one rule; with a reference, its clauses too. Raises: BookError with file and line of every fault."""
    return _Reader(text, points, file, reference).rule()


class _Reader:
    def __init__(
        self, text: str, points: Mapping[str, PointShape], file: str, reference: Reference | None
    ) -> None:
        self.text, self.points, self.file, self.reference = text, points, file, reference
        self.faults: list[Fault] = []
        self.yaml = read_yaml(text, file=file)

    def fault(self, path: tuple[str | int, ...], words: str, **values: Any) -> None:
        part = str(path[0]) if path else str(values.get("key", ""))
        self.faults.append(Fault(self.file, self.yaml.line_of(path), words, values, part))

    def rule(self) -> Rule:
        content = self.yaml.content
        for key in content.keys() - KEYS:
            self.fault((str(key),), _("%(key)s is no part of a rule"), key=key)
        for key in REQUIRED:
            if content.get(key) in (None, "", [], {}):
                self.fault((), MISSING, key=key)
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
            covers=tuple(str(row) for row in self.listed(content, "covers")),
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
            self.fault(("valid_until",), _("valid_until lies after valid_from"))
        if rule.waiver and rule.grade != "避免":
            self.fault(("waiver",), _("only a rule of grade 避免 can be waived"))
        self.cited(rule)
        self.stop()
        return rule

    def cited(self, rule: Rule) -> None:
        """Check what the rule cites against the reference: its rows, the clauses, and instruments that ended."""
        if self.reference is None:
            return
        if not self.reference.has_row(rule.id):
            self.fault(("id",), _("the reference has no row %(row)s"), row=rule.id)
        for number, row in enumerate(rule.covers):
            if row not in self.reference.rows:
                self.fault(("covers", number), _("the reference has no row %(row)s"), row=row)
        for number, source in enumerate(rule.sources):
            known = self.reference.instruments.get(source.instrument)
            if known and source.clause and not known.has(source.clause):
                self.fault(
                    ("sources", number),
                    _("%(instrument)s has no clause %(clause)s"),
                    instrument=source.instrument,
                    clause=source.clause,
                )
            if known and known.until and not (rule.valid_until and rule.valid_until <= known.until):
                self.fault(
                    ("sources", number),
                    _("%(instrument)s ended on %(day)s, and the rule goes on"),
                    instrument=source.instrument,
                    day=known.until,
                )

    def stop(self) -> None:
        if self.faults:
            raise BookError(self.faults)

    def at_column(self, path: tuple[str | int, ...], source: str, error: ExpressionError) -> Fault:
        """Return the fault of an expression, at its own line where the expression has several."""
        line = self.yaml.line_of(path)
        if path in self.yaml.blocks:
            line += 1 + source[: error.at].count("\n")
        return Fault(self.file, line, error.words, error.values, str(path[0]))

    # --- single parts
    def word(self, content: Mapping[str, Any], key: str, pattern: re.Pattern[str]) -> str:
        value = str(content[key])
        if not pattern.match(value):
            self.fault((key,), _("%(value)s is no %(key)s of a rule"), value=repr(value), key=key)
        return value

    def choice(self, content: Mapping[str, Any], key: str, among: tuple[str, ...]) -> str:
        value = str(content[key])
        if value not in among:
            self.fault(
                (key,),
                _("%(key)s is one of %(among)s, not %(value)s"),
                key=key,
                among=" ".join(among),
                value=repr(value),
            )
        return value

    def day(self, content: Mapping[str, Any], key: str, path: tuple[str | int, ...] = ()) -> str:
        value = content.get(key)
        if value in (None, ""):
            return ""
        if isinstance(value, date):
            return value.isoformat()
        self.fault(
            (*path, key), _("%(key)s is a day such as 2026-08-01, not %(value)s"), key=key, value=repr(value)
        )
        return ""

    def at(self, content: Mapping[str, Any]) -> tuple[str, ...]:
        at = content["at"]
        return tuple(str(point) for point in at) if isinstance(at, list) else (str(at),)

    def shapes(self, content: Mapping[str, Any]) -> list[PointShape]:
        found = []
        for name in self.at(content):
            if name == EVERYWHERE:
                found.append(PointShape(EVERYWHERE, "act", ActFacts))
            elif name in self.points:
                found.append(self.points[name])
            else:
                self.fault(("at",), _("no app declares the decision point %(name)s"), name=name)
        return found

    def words(
        self, content: Mapping[str, Any], key: str, show: Mapping[str, Mapping[str, str]] | None = None
    ) -> dict[str, str]:
        words = content[key]
        if not isinstance(words, dict) or set(words) != set(LANGUAGES) or not all(words.values()):
            self.fault((key,), _("%(key)s is given in zh and en"), key=key)
            return {}
        said = {language: str(words[language]).strip() for language in LANGUAGES}
        if show is not None:
            for language, sentence in said.items():
                for name in PLACEHOLDER.findall(sentence):
                    for root, values in show.items():
                        if name not in values:
                            self.fault(
                                (key, language),
                                _("{%(name)s} is not among what show gives for %(root)s"),
                                name=name,
                                root=root,
                            )
                    if not show:
                        self.fault((key, language), _("{%(name)s} is not among what show gives"), name=name)
        return said

    def sources(self, content: Mapping[str, Any]) -> tuple[RuleSource, ...]:
        sources = []
        for number, source in enumerate(self.listed(content, "sources")):
            path: tuple[str | int, ...] = ("sources", number)
            if not isinstance(source, dict) or set(source) - {
                "instrument",
                "clause",
                "in_force",
                "confidence",
            }:
                self.fault(path, _("a source has instrument, clause, in_force and confidence"))
                continue
            instrument, clause = str(source.get("instrument") or ""), str(source.get("clause") or "")
            if self.reference and isinstance(source.get("clause"), float):
                self.fault(path, _("a clause is text: write it in quotes"))
            confidence = str(source.get("confidence") or "")
            if not instrument:
                self.fault(path, _("a source names its instrument"))
            if confidence not in CONFIDENCE:
                self.fault(path, _("confidence is one of %(among)s"), among=", ".join(CONFIDENCE))
            if confidence == "M" and clause:
                self.fault(path, _("a source that nobody read (M) quotes no clause"))
            in_force = str(source.get("in_force") or "")
            if not IN_FORCE.match(in_force):
                self.fault(path, _("a source says since when it is in force"))
            sources.append(RuleSource(instrument, clause, in_force, confidence))
        return tuple(sources)

    def listed(self, content: Mapping[str, Any], key: str) -> list[Any]:
        value = content.get(key) or []
        if isinstance(value, list):
            return value
        self.fault((key,), _("%(key)s is a list"), key=key)
        return []

    def figures(self, content: Mapping[str, Any]) -> dict[str, Any]:
        types: dict[str, Any] = {"adopted": "bool"}
        parameters = content.get("parameters") or {}
        if not isinstance(parameters, dict):
            self.fault(("parameters",), _("parameters are names with values"))
            return types
        for name, value in parameters.items():
            try:
                types[name] = type_of_value(value)
            except ExpressionError as error:
                self.fault(("parameters", name), error.words, **error.values)
        return types

    def conditions(
        self, content: Mapping[str, Any], roots: Mapping[str, PointShape], figures: Mapping[str, Any]
    ) -> dict[str, str]:
        breach = content["breach_when"]
        if isinstance(breach, str) and len(roots) > 1:
            self.fault(
                ("breach_when",),
                _("this rule judges %(roots)s: give a condition for each"),
                roots=", ".join(roots),
            )
            return {}
        by_root = {next(iter(roots)): breach} if isinstance(breach, str) else breach
        if not isinstance(by_root, dict) or set(by_root) != set(roots):
            self.fault(
                ("breach_when",),
                _("breach_when is one condition, or one for each of %(roots)s"),
                roots=", ".join(roots),
            )
            return {}
        for root, source in by_root.items():
            path = ("breach_when", root) if isinstance(breach, dict) else ("breach_when",)
            kind = self.check(str(source), roots[root], figures, path)
            if kind not in (None, "bool"):
                self.fault(path, _("a condition is true or false, and this is %(kind)s"), kind=kind)
        return {root: str(source).strip() for root, source in by_root.items()}

    def show(
        self, content: Mapping[str, Any], roots: Mapping[str, PointShape], figures: Mapping[str, Any]
    ) -> dict[str, dict[str, str]]:
        show = content.get("show") or {}
        if not isinstance(show, dict):
            self.fault(("show",), _("show gives names with expressions"))
            return {}
        several = bool(show) and all(isinstance(value, dict) for value in show.values())
        by_root = show if several else dict.fromkeys(roots, show) if show else {}
        if several and set(by_root) != set(roots):
            self.fault(("show",), _("show is given for each of %(roots)s"), roots=", ".join(roots))
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
            self.faults.append(self.at_column(path, source, error))
            return None

    def examples(self, content: Mapping[str, Any], shapes: list[PointShape]) -> tuple[Example, ...]:
        examples = content["examples"]
        if not isinstance(examples, dict) or set(examples) != {"allowed", "refused"}:
            self.fault(("examples",), _("examples are given as allowed and refused"))
            return ()
        found = []
        for name in ("allowed", "refused"):
            if not isinstance(examples[name], list) or len(examples[name]) < LEAST_EXAMPLES:
                self.fault(
                    ("examples", name),
                    _("at least %(least)s examples are %(kind)s"),
                    least=LEAST_EXAMPLES,
                    kind=name,
                )
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
            self.fault(path, _("an example gives the facts of one of %(roots)s"), roots=", ".join(by_root))
            return None
        shape = by_root[next(iter(given))]
        point = str(example.get("point") or shape.name)
        if point not in {one.name for one in shapes}:
            self.fault(path, _("%(point)s is not where this rule applies"), point=point)
        facts = example.get(shape.root) or {}
        for values, kind in ((facts, shape.facts), (example.get("act") or {}, ActFacts)):
            if not isinstance(values, dict):
                self.fault(path, _("an example gives facts by name"))
                return None
            for words, said in _wrong_values(values, kind):
                self.fault(path, words, **said)
        return Example(
            refused, shape.root, point, facts, example.get("act") or {}, str(example.get("words") or "")
        )


def _wrong_values(facts: Mapping[str, Any], kind: type) -> Iterator[tuple[str, dict[str, Any]]]:
    fields = fields_of(kind)
    for name, value in facts.items():
        if name not in fields:
            yield _("there is no fact %(name)s"), {"name": name}
            continue
        wanted = fields[name]
        try:
            found = wanted if isinstance(wanted, ListOf) and value == [] else type_of_value(value)
        except ExpressionError:
            found = None
        if found != wanted:
            yield (
                _("%(name)s is %(wanted)s, not %(value)s"),
                {"name": name, "wanted": wanted, "value": repr(value)},
            )
