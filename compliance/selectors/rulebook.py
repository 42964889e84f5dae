"""Reads of the live book: which pack judges, which figures hold, which waivers cover."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils.timezone import localtime

from compliance import points
from compliance.choices import WaiverState
from compliance.evaluate import point_shapes, shipped_book
from compliance.models import RulePack, RuleVersion, Waiver
from compliance.rules.book import Book, DatedParameter, Rule
from compliance.rules.expressions import fields_of
from compliance.rules.reading import read_rule


class PackNotFound(LookupError):
    """No rule pack of that key is kept."""


def live_book(at: datetime) -> Book:
    """Return the book that judges at a moment: the newest live pack, or the shipped edition before any is adopted.

    Cost: one query; a pack is compiled once a process.
    """
    key = (
        RulePack.objects.filter(live_from__lte=at)
        .order_by("-live_from", "-number")
        .values_list("key", flat=True)
        .first()
    )
    return _book_of_pack(key) if key else shipped_book()


def figure_on(rule_id: str, name: str, at: datetime) -> Any:
    """Return a figure of a rule on a day, or None where the rule does not hold then or has no such figure.

    Cost: one query.
    """
    book, day = live_book(at), localtime(at).date().isoformat()
    rule = next((rule for rule in book.by_id.get(rule_id, ()) if rule.holds_on(day)), None)
    return book.figures_on(rule, day).get(name) if rule else None


def rules_called(words: str) -> list[str]:
    """Return the id of the rule that words name, shipped or the company's own, whether it holds today or not."""
    wanted = words.strip()
    ids = {rule.casefold(): rule for rule in shipped_book().by_id}
    if wanted.casefold() in ids:
        return [ids[wanted.casefold()]]
    return sorted(set(RuleVersion.objects.filter(rule__iexact=wanted).values_list("rule", flat=True)))


def book_of(key: str) -> Book:
    """Return a book by the key its verdicts carry. Raises: PackNotFound."""
    if key == shipped_book().key:
        return shipped_book()
    return _book_of_pack(key)


@lru_cache(maxsize=32)
def _book_of_pack(key: str) -> Book:
    """A pack never changes, so its key is all that a cache has to know."""
    pack = RulePack.objects.filter(key=key).first()
    if pack is None:
        raise PackNotFound(key)
    rules = [
        _rule_in(pack, pk, body, f"{rule} v{version}")
        for pk, body, rule, version in pack.versions.order_by("rule", "valid_from").values_list(
            "pk", "body", "rule", "version"
        )
    ]
    figures = tuple(DatedParameter(**figure) for figure in pack.figures)
    return Book(key=key, rules=tuple(rules), parameters=figures)


def _rule_in(pack: RulePack, pk: UUID, body: str, file: str) -> Rule:
    """Return a version's rule as a pack has it: a text that another one replaced, or that was ended, ends on its day."""
    rule = read_rule(body, point_shapes(), file=file)
    end = pack.ends.get(str(pk), "")
    return replace(rule, valid_until=end) if end else rule


def rule_of(version: RuleVersion) -> Rule:
    """Return the rule that a version's text says."""
    return read_rule(version.body, point_shapes(), file=str(version))


def sources_of(rule_ids: Iterable[str], at: datetime) -> dict[str, str]:
    """Return instrument and clause of rules in the live book; company policy without a read source gives no clause."""
    book = live_book(at)
    found = {}
    for rule_id in set(rule_ids):
        for rule in book.by_id.get(rule_id, ())[-1:]:
            read = [source for source in rule.sources if source.confidence != "M"]
            found[rule_id] = f"{read[0].instrument} {read[0].clause}".strip() if read else ""
    return found


def live_waivers(rules: Iterable[str], subjects: Sequence[str], on: date) -> dict[str, str]:
    """Return, by rule, the id of a granted waiver that covers one of the subjects on a day. Cost: one query."""
    found = Waiver.objects.filter(
        rule__in=list(rules),
        subject__in=list(subjects),
        state=WaiverState.GRANTED,
        valid_from__lte=on,
        valid_until__gt=on,
    ).order_by("pk")
    return {waiver.rule: str(waiver.pk) for waiver in found}


def waiver_role(rule_id: str, at: datetime) -> str:
    """Return the role that may grant exceptions from a rule, or an empty string where nobody may."""
    for rule in live_book(at).by_id.get(rule_id, ()):
        if rule.holds_on(localtime(at).date().isoformat()):
            return rule.waiver
    return ""


def phone_pack(wanted: Sequence[str], at: datetime) -> dict[str, Any]:
    """Return the live book for some points as plain JSON, for the engine on the phone.

    Rules with a date ahead come along: the phone picks by the day of the act. Figures are given with their dates.
    """
    return pack_for_phone(live_book(at), wanted)


def pack_for_phone(book: Book, wanted: Sequence[str]) -> dict[str, Any]:
    """Return a book for some points as plain JSON."""
    rules = [rule for rule in book.rules if set(rule.at) & {*wanted, "*"}]
    return {
        "pack": book.key,
        "points": {name: _phone_point(name) for name in wanted},
        "rules": [_phone_rule(rule) for rule in rules],
        "figures": [
            {
                "rule": figure.rule,
                "name": figure.name,
                "value": figure.value,
                "valid_from": figure.valid_from,
                "valid_until": figure.valid_until,
            }
            for figure in book.parameters
            if any(rule.id == figure.rule for rule in rules)
        ],
    }


def _phone_point(name: str) -> dict[str, Any]:
    declared = points.point_of(name)
    defaults = {}
    for field, kind in fields_of(declared.facts).items():
        default = getattr(declared.facts(), field)
        defaults[field] = {
            "type": str(kind),
            "default": list(default) if isinstance(default, tuple) else default,
        }
    return {"root": declared.root, "kind": declared.kind, "facts": defaults}


def _phone_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "grade": rule.grade,
        "scene": rule.scene,
        "at": list(rule.at),
        "title": dict(rule.title),
        "valid_from": rule.valid_from,
        "valid_until": rule.valid_until,
        "waivable": bool(rule.waiver),
        "policy": rule.is_policy,
        "parameters": ({"adopted": False} if rule.is_policy else {}) | dict(rule.parameters),
        "breach_when": dict(rule.conditions),
        "show": {root: dict(values) for root, values in rule.show.items()},
        "message": dict(rule.message),
        "instead": dict(rule.instead),
        "instead_url": rule.instead_url,
        "sources": [
            {
                "instrument": source.instrument,
                "clause": source.clause,
                "in_force": source.in_force,
                "confidence": source.confidence,
            }
            for source in rule.sources
        ],
    }
