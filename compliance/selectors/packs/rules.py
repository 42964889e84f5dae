"""The texts of the rules that a pack's verdicts were given under, and the acts that put them in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from compliance.evaluate import point_shapes
from compliance.models import LedgerEntry, RulePack, RuleVersion
from compliance.rules.book import Rule
from compliance.rules.reading import read_rule
from compliance.selectors.rulebook import PackNotFound, book_of


@dataclass(frozen=True)
class RuleText:
    """One version of a rule as it judged; `version` is None for the shipped edition, which no act adopted."""

    rule: Rule
    version: RuleVersion | None


def rules_judged(verdicts: Iterable[tuple[str, str, Iterable[str]]]) -> list[RuleText]:
    """Return the texts of rules by the packs that judged. `verdicts` gives pack, ISO day and rule ids. Cost: two queries a pack."""
    wanted: dict[str, set[str]] = defaultdict(set)
    days: dict[tuple[str, str], set[str]] = defaultdict(set)
    for pack, day, rules in verdicts:
        wanted[pack] |= set(rules)
        for rule in rules:
            days[pack, rule].add(day)
    found: dict[tuple[str, str], RuleText] = {}
    for key, rules in wanted.items():
        adopted = RulePack.objects.filter(key=key).first()
        if adopted is None:
            try:
                texts = [RuleText(rule, None) for rule in book_of(key).rules if rule.id in rules]
            except PackNotFound:
                continue
        else:
            shapes = point_shapes()
            texts = [
                RuleText(read_rule(version.body, shapes, file=str(version)), version)
                for version in adopted.versions.filter(rule__in=rules).order_by("rule", "version")
            ]
        for text in texts:
            if any(
                text.rule.holds_on(day) for day in days[key, text.rule.id]
            ):  # not what another day's law said
                found[text.rule.id, text.rule.sha256] = text
    return [found[name] for name in sorted(found)]


def acts_of_rules(texts: Iterable[RuleText]) -> list[LedgerEntry]:
    """Return the acts that wrote these versions: adoption, signatures, activation. Cost: two queries."""
    keys = [str(text.version.pk) for text in texts if text.version]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM compliance_ledgerentry WHERE jsonb_path_query_array(rows, '$[*].pk') ?| %s",
            [keys],
        )
        found = [row[0] for row in cursor.fetchall()]
    return list(LedgerEntry.objects.filter(pk__in=found).select_related("verdict").order_by("at", "pk"))
