"""The rule book as people read it: lists by scene, one rule's page, how often it spoke."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.timezone import localtime

from compliance.choices import Grade, ParameterState, Scene, WaiverState
from compliance.evaluate import Verdict, evaluate, plain, point_shapes
from compliance.models import Parameter, RulePack, RuleVersion, StoredVerdict, Waiver
from compliance.permissions import can_change_rules, can_read_verdict
from compliance.rules.book import EVERYWHERE, Book, Example, Rule

from .rulebook import live_book

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class SceneOfRules:
    """One scene with its rules, in order."""

    name: str
    label: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Figure:
    """One company figure of a rule: what the edition says and what holds today."""

    name: str
    shipped: Any
    today: Any


@dataclass(frozen=True)
class ExampleLine:
    """One example as a line of the page."""

    refused: bool
    facts: tuple[tuple[str, Any], ...]
    number: int = 0  # its place in the text, from 1


def rules_like(
    at: datetime,
    *,
    scene: str = "",
    grade: str = "",
    point: str = "",
    confidence: str = "",
    instrument: str = "",
    q: str = "",
) -> list[SceneOfRules]:
    """Return the rules in force that match, scene by scene."""
    day = localtime(at).date().isoformat()
    words = q.strip().lower()
    found = [
        rule
        for rule in live_book(at).rules
        if rule.holds_on(day)
        and (not scene or rule.scene == scene)
        and (not grade or rule.grade == grade)
        and (not point or point in rule.at or rule.at == (EVERYWHERE,))
        and (not confidence or rule.confidence == confidence)
        and (not instrument or any(source.instrument == instrument for source in rule.sources))
        and (not words or words in _text(rule))
    ]
    return [
        SceneOfRules(one.value, str(one.label), rules)
        for one in Scene
        if (rules := tuple(rule for rule in found if rule.scene == one))
    ]


def instruments_of(at: datetime) -> list[str]:
    """Return the laws and codes that the rules in force cite, each once; what nobody read (M) is not cited."""
    day = localtime(at).date().isoformat()
    cited = {
        source.instrument
        for rule in live_book(at).rules
        if rule.holds_on(day)
        for source in rule.sources
        if source.confidence != "M"
    }
    return sorted(cited)


def rule_on(rule_id: str, at: datetime, day: date | None = None) -> Rule | None:
    """Return the text of a rule in force on a day (default: that of `at`), else its newest."""
    versions = live_book(at).by_id.get(rule_id, ())
    on = (day or localtime(at).date()).isoformat()
    return next((rule for rule in versions if rule.holds_on(on)), versions[-1] if versions else None)


def texts_of(rule_id: str, at: datetime) -> tuple[Rule, ...]:
    """Return every text the live book keeps of a rule, oldest first."""
    return live_book(at).by_id.get(rule_id, ())


def figures_of(rule: Rule, at: datetime) -> list[Figure]:
    """Return a rule's figures, as shipped and as they hold on the day of `at`."""
    today = live_book(at).figures_on(rule, localtime(at).date().isoformat())
    return [Figure(name, rule.parameters.get(name, False), value) for name, value in today.items()]


def is_adopted(rule: Rule, at: datetime) -> bool:
    """Return whether a policy without a read source was adopted by signature; any other rule needs no adoption."""
    figures = live_book(at).figures_on(rule, localtime(at).date().isoformat())
    return bool(figures.get("adopted", True))


def examples_of(rule: Rule) -> list[ExampleLine]:
    """Return a rule's examples, allowed first."""
    return [
        ExampleLine(
            one.refused,
            tuple(
                (name, value)
                for facts in (one.facts, one.act if one.root != "act" else {})
                for name, value in facts.items()
            ),
            number,
        )
        for number, one in sorted(enumerate(rule.examples, start=1), key=lambda pair: pair[1].refused)
    ]


def refusal_shown(rule: Rule) -> Verdict:
    """Return the verdict a reader would see for the rule's first refused example."""
    example: Example = next(one for one in rule.examples if one.refused)
    point = example.point if example.point != EVERYWHERE else "visit.plan"
    return evaluate(
        point,
        plain(example.facts if example.root != "act" else {}, point_shapes()[point].facts),
        on=example.act.get("on") or rule.valid_from,
        book=Book("example", (rule,)),
        held=tuple(example.act.get("held", ())),
        parameters={rule.id: {"adopted": True}} if rule.is_policy else None,
    )


def versions_of(rule_id: str) -> QuerySet[RuleVersion]:
    return RuleVersion.objects.filter(rule=rule_id).select_related("drafted_by").order_by("-version")


def figure_changes_of(rule_id: str) -> QuerySet[Parameter]:
    return (
        Parameter.objects.filter(rule=rule_id)
        .select_related("drafted_by", "first_signed_by", "second_signed_by")
        .order_by("-valid_from", "-pk")
    )


@dataclass(frozen=True)
class Fired:
    """How often a rule spoke: acts it stopped or found in breach, and acts that it only remarked on."""

    stopped: int = 0
    noted: int = 0


def fired_by_rule(at: datetime) -> dict[str, Fired]:
    """Return, by rule, how often it spoke in a year. Cost: one pass over the verdicts in which a rule spoke, by index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT said ->> 'rule', count(*) FILTER (WHERE one.breached ? (said ->> 'rule')),"
            " count(*) FILTER (WHERE NOT one.breached ? (said ->> 'rule'))"
            " FROM compliance_storedverdict one, jsonb_array_elements(one.body -> 'refusals') AS said"
            " WHERE one.body -> 'refusals' <> '[]'::jsonb AND one.judged_at > %s GROUP BY 1",
            [at - YEAR],
        )
        return {rule: Fired(stopped, noted) for rule, stopped, noted in cursor.fetchall()}


def verdict_visible_to(user: Any, verdict_id: UUID) -> StoredVerdict | None:
    """Return a stored verdict, or None where it does not exist or `user` may not read it."""
    found = StoredVerdict.objects.select_related("judged_by").filter(pk=verdict_id).first()
    return found if found and can_read_verdict(user, found) else None


def verdicts_of_rule(rule_id: str, at: datetime, *, most: int = 10) -> list[StoredVerdict]:
    """Return the newest acts of a year that a rule stopped or remarked on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM compliance_storedverdict WHERE body -> 'refusals' <> '[]'::jsonb AND judged_at > %s"
            " AND body -> 'refusals' @> %s::jsonb ORDER BY judged_at DESC, id DESC LIMIT %s",
            [at - YEAR, json.dumps([{"rule": rule_id}]), most],
        )
        keys = [row[0] for row in cursor.fetchall()]
    return list(
        StoredVerdict.objects.filter(pk__in=keys).select_related("judged_by").order_by("-judged_at", "-pk")
    )


def waivers_visible_to(user: Any, *, state: str = "", rule: str = "", month: str = "") -> QuerySet[Waiver]:
    """Return exceptions: all for compliance and inspectors, one's own for everybody else.

    `month` ("2026-11") keeps those that cover a day of it: the monthly list.
    """
    rows = Waiver.objects.select_related("requested_by", "decided_by")
    if not (can_change_rules(user) or user.has_role("inspector")):
        rows = rows.filter(requested_by=user)
    if month:
        rows = covering(rows, month)
    if state:
        rows = rows.filter(state=state)
    return rows.filter(rule=rule) if rule else rows


def covering(rows: QuerySet[Waiver], month: str) -> QuerySet[Waiver]:
    """Return the exceptions that cover a day of a month given as "2026-11"."""
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return rows.filter(valid_from__lt=following, valid_until__gt=first)


def waivers_of_rule(rule_id: str, on: date) -> QuerySet[Waiver]:
    """Return the exceptions from a rule that are asked for or cover a day from now on."""
    return (
        Waiver.objects.filter(rule=rule_id)
        .filter(Q(state=WaiverState.REQUESTED) | Q(state=WaiverState.GRANTED, valid_until__gt=on))
        .select_related("requested_by", "decided_by")
        .order_by("-requested_at")
    )


def waivable_rules(at: datetime) -> list[Rule]:
    day = localtime(at).date().isoformat()
    return [rule for rule in live_book(at).rules if rule.waiver and rule.holds_on(day)]


def figures_in_force(at: datetime) -> Iterator[tuple[Rule, list[Figure]]]:
    """Yield each rule in force that has figures, with them."""
    day = localtime(at).date().isoformat()
    for rule in live_book(at).rules:
        if rule.holds_on(day) and (figures := figures_of(rule, at)):
            yield rule, figures


def drafted_figures() -> QuerySet[Parameter]:
    return (
        Parameter.objects.filter(state=ParameterState.DRAFT)
        .select_related("drafted_by", "first_signed_by")
        .order_by("-created_at", "-pk")
    )


def live_pack(at: datetime) -> RulePack | None:
    return RulePack.objects.filter(live_from__lte=at).order_by("-live_from", "-number").first()


def grades() -> list[tuple[str, str]]:
    return [(one.value, str(one.label)) for one in Grade]


def _text(rule: Rule) -> str:
    sources = " ".join(f"{source.instrument} {source.clause}" for source in rule.sources)
    parts = [rule.id, sources, *rule.title.values(), *rule.text.values(), *rule.message.values()]
    return " ".join(parts).lower()
