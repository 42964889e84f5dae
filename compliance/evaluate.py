"""Verdicts: what the law says of one act. Pure: facts and rules in, verdict out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import cel

from compliance import points
from compliance.rules.book import EVERYWHERE, Book, PointShape, Rule
from compliance.rules.folder import read_folder
from compliance.rules.reference import Reference, read_reference

RULEBOOK = Path(__file__).parent / "rulebook"
STOPPING = frozenset({"禁止", "避免", "应当"})
ENGINE_ERRORS = (KeyError, TypeError, ValueError, RuntimeError, ArithmeticError)


@dataclass(frozen=True)
class Source:
    """Where a rule stands: instrument, clause, ISO day in force, confidence V-P, V-S or M."""

    instrument: str
    clause: str
    in_force: str
    confidence: str


@dataclass(frozen=True)
class Refusal:
    """One rule's breach, with the words every door shows."""

    rule: str
    grade: str
    message: dict[str, str]
    instead: dict[str, str]
    sources: tuple[Source, ...] = ()
    instead_url: str = ""
    waivable: bool = False
    waiver_id: str = ""
    title: dict[str, str] = field(default_factory=dict)
    adopted: bool = True  # False: a policy without a read source, which the company has not adopted
    fault: str = ""  # why the rule could not be computed

    @property
    def blocks(self) -> bool:
        """Whether this breach alone stops an act before it happens."""
        return self.grade in STOPPING and not self.waiver_id and self.adopted


@dataclass(frozen=True)
class Verdict:
    """The law's answer for one act at one decision point.

    `facts` are plain values as judged, so the verdict can be replayed. `id` is a UUIDv7 as text.
    """

    id: str
    point: str
    kind: str
    subject: str
    pack: str
    facts: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    rules: tuple[str, ...] = ()
    on: str = ""
    held: tuple[str, ...] = ()

    @property
    def breached(self) -> list[str]:
        """Rule ids that stop the act, or mark it in breach when it already happened."""
        return [refusal.rule for refusal in self.refusals if refusal.blocks]

    @property
    def advice(self) -> list[Refusal]:
        """Breaches that do not stop the act."""
        return [refusal for refusal in self.refusals if not refusal.blocks]

    @property
    def allows(self) -> bool:
        return not self.breached

    def __str__(self) -> str:
        return f"{self.point}: {', '.join(self.breached) or 'allowed'}"


def verdict_of(body: Mapping[str, Any]) -> Verdict:
    """Return a verdict from its stored form, whatever later fields that form does not know."""
    known = {one.name for one in fields(Verdict)}
    refusals = tuple(
        Refusal(
            **{
                **{name: value for name, value in refusal.items() if name != "sources"},
                "sources": tuple(Source(**source) for source in refusal.get("sources", ())),
            }
        )
        for refusal in body.get("refusals", ())
    )
    plain_fields = {name: value for name, value in body.items() if name in known}
    return Verdict(
        **{
            **plain_fields,
            "refusals": refusals,
            "rules": tuple(body.get("rules", ())),
            "held": tuple(body.get("held", ())),
        }
    )


def evaluate(
    point: str,
    facts: Any,
    *,
    on: date | str,
    book: Book | None = None,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    held: Sequence[str] = (),
    waivers: Mapping[str, str] | None = None,
    subject: str = "",
    id: str = "",
) -> Verdict:
    """Return the verdict of the book on one act. Without a book, the shipped edition with nothing adopted judges.

    `facts` is the point's dataclass, or its plain form; `parameters` overlays figures by rule; `waivers` gives by rule
    the id of a live waiver that covers it.
    Cost: one context, then a few µs a rule; no input or output.
    """
    declared = points.point_of(point)
    book = book or shipped_book()
    day = on if isinstance(on, str) else on.isoformat()
    values = plain(facts, declared.facts)
    context = cel.Context(
        variables={
            declared.root: values,
            "act": {"point": point, "on": day, "held": list(held)},
            "params": {},
        },
        functions=FUNCTIONS,
    )
    refusals: list[Refusal] = []
    judged: list[str] = []
    figures: dict[str, Any] = {}
    for rule in book.at(point, day):
        judged.append(rule.id)
        own = {**book.figures_on(rule, day), **((parameters or {}).get(rule.id) or {})}
        if own:
            figures[rule.id] = own
            context.add_variable("params", own)
        root = declared.root if declared.root in rule.conditions else "act"
        refusal = _refusal(rule, root, context, own, (waivers or {}).get(rule.id, ""))
        if refusal:
            refusals.append(refusal)
    return Verdict(
        id=id,
        point=point,
        kind=declared.kind,
        subject=subject,
        pack=book.key,
        facts=values,
        parameters=figures,
        refusals=tuple(refusals),
        rules=tuple(judged),
        on=day,
        held=tuple(held),
    )


def stops(
    point: str,
    facts: Mapping[str, Any],
    readings: Sequence[tuple[Rule, Mapping[str, Any]]],
    *,
    on: str,
    held: Sequence[str] = (),
) -> list[bool]:
    """Return, for each rule with its figures, whether it alone would stop the act: the quick half of `evaluate`, for dry runs.

    A rule that cannot be computed stops; one that does not judge the point does not.
    Cost: one context of the facts that the conditions name, then a few µs a reading.
    """
    declared = points.point_of(point)
    named = _named_facts(tuple(rule.conditions.get(declared.root, "") for rule, _figures in readings), point)
    context = cel.Context(
        variables={
            declared.root: {name: facts.get(name, default) for name, default in named},
            "act": {"point": point, "on": on, "held": list(held)},
        },
        functions=FUNCTIONS,
    )
    found = []
    for rule, figures in readings:
        if point not in rule.at and EVERYWHERE not in rule.at:
            found.append(False)
            continue
        root = declared.root if declared.root in rule.conditions else "act"
        context.add_variable("params", dict(figures))
        try:
            breach = bool(program(rule.conditions[root]).execute(context))
        except ENGINE_ERRORS:
            breach = True
        found.append(breach and rule.grade in STOPPING and bool(figures.get("adopted", True)))
    return found


@lru_cache(maxsize=256)
def _named_facts(conditions: tuple[str, ...], point: str) -> tuple[tuple[str, Any], ...]:
    """Return the facts that some conditions name, with their defaults: the others need not enter the engine."""
    declared = points.point_of(point)
    names = {name for source in conditions for name in _named(source, declared.root)}
    return tuple((name, default) for name, default in _defaults(declared.facts).items() if name in names)


@lru_cache(maxsize=4096)
def _named(source: str, root: str) -> frozenset[str]:
    return frozenset(re.findall(rf"\b{root}\.(\w+)", source))


def plain(facts: Any, kind: type) -> dict[str, Any]:
    """Return facts as the engine and the store take them: defaults filled in, tuples as lists."""
    given = (
        facts if isinstance(facts, Mapping) else {one.name: getattr(facts, one.name) for one in fields(facts)}
    )
    return {name: _plain_value(given.get(name, default)) for name, default in _defaults(kind).items()}


def money(fen: int) -> str:
    """Return whole fen as yuan: 30000 as 300, 34250 as 342.50."""
    whole, rest = divmod(abs(fen), 100)
    sign = "-" if fen < 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:02}" if rest else "")


def percent(basis_points: int) -> str:
    """Return basis points as a percentage: 6740 as 67.4%."""
    return f"{basis_points / 100:.2f}".rstrip("0").rstrip(".") + "%"


FUNCTIONS = {"money": money, "percent": percent}


@lru_cache(maxsize=1)
def shipped_book() -> Book:
    """Return the shipped edition. Raises: BookError when it has a fault."""
    rules = read_folder(RULEBOOK, point_shapes(), reference())
    return Book(key=f"shipped-{digest_of(rules)[:16]}", rules=rules)


@lru_cache(maxsize=1)
def reference() -> Reference:
    """Return what a new rule may cite: rows and instruments of the clause-level reference."""
    texts = [(RULEBOOK / name).read_text(encoding="utf-8") for name in ("coverage.yaml", "instruments.yaml")]
    return read_reference(*texts)


def digest_of(rules: Sequence[Rule]) -> str:
    """Return one SHA-256 over all rules' texts, in order of id and date."""
    lines = "\n".join(f"{rule.id} {rule.valid_from} {rule.sha256}" for rule in rules)
    return hashlib.sha256(lines.encode()).hexdigest()


def point_shapes() -> dict[str, PointShape]:
    """Return every declared decision point as the loader sees it."""
    return {
        name: PointShape(name, point.root, point.facts, point.kind)
        for name, point in points.declared().items()
    }


def example_fails(rule: Rule, number: int) -> str:
    """Return what is wrong with one of a rule's examples, or an empty string."""
    example = rule.examples[number]
    book = Book(key="example", rules=(replace(rule, valid_until=""),))
    point = example.point if example.point != EVERYWHERE else next(iter(points.declared()))
    held = tuple(example.act.get("held", ()))
    figures = {rule.id: {"adopted": True}} if rule.is_policy else None
    on = example.act.get("on") or rule.valid_from
    verdict = evaluate(
        point, example.facts if example.root != "act" else {}, on=on, book=book, held=held, parameters=figures
    )
    if any(refusal.fault for refusal in verdict.refusals):
        return verdict.refusals[0].fault
    if bool(verdict.refusals) is not example.refused:
        return "is refused" if verdict.refusals else "is allowed"
    return ""


def _refusal(
    rule: Rule, root: str, context: cel.Context, figures: Mapping[str, Any], waiver_id: str
) -> Refusal | None:
    try:
        if not program(rule.conditions[root]).execute(context):
            return None
        shown = {name: program(source).execute(context) for name, source in rule.show.get(root, {}).items()}
        said = {language: _said(rule.message[language], shown, language) for language in rule.message}
        instead = {language: _said(rule.instead[language], shown, language) for language in rule.instead}
        fault = ""
    except ENGINE_ERRORS as error:
        fault = f"{type(error).__name__}: {error}"
        said = {
            "zh": f"规则 {rule.id} 无法计算，暂按不通过处理。",
            "en": f"Rule {rule.id} could not be computed, so it counts as not met.",
        }
        instead = {
            "zh": "请联系合规，附上本编号。",
            "en": "Please contact Compliance and quote this verdict.",
        }
    return Refusal(
        rule=rule.id,
        grade=rule.grade,
        message=said,
        instead=instead,
        sources=_sources(rule.sources),
        instead_url=rule.instead_url,
        waivable=bool(rule.waiver),
        waiver_id=waiver_id if rule.waiver else "",
        title=dict(rule.title),
        adopted=bool(figures.get("adopted", True)),
        fault=fault,
    )


@lru_cache(maxsize=4096)
def program(source: str) -> cel.Program:
    """Return a compiled expression, compiled once a process."""
    return cel.compile(source)


@lru_cache(maxsize=4096)
def _sources(rule_sources: Any) -> tuple[Source, ...]:
    return tuple(Source(**asdict(source)) for source in rule_sources)


@lru_cache(maxsize=64)
def _defaults(kind: type) -> dict[str, Any]:
    return {one.name: (one.default if one.default is not MISSING else None) for one in fields(kind)}


def _plain_value(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain_value(member) for member in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain_value(getattr(value, one.name)) for one in fields(value)}
    return value


def _said(sentence: str, shown: Mapping[str, Any], language: str) -> str:
    if not shown:
        return sentence
    between = "、" if language == "zh" else ", "
    words = {
        name: between.join(str(member) for member in value) if isinstance(value, list) else str(value)
        for name, value in shown.items()
    }
    return sentence.format_map(words)
