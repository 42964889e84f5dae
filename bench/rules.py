"""Figures of the rule book: an act judged, a dry run, replayed verdicts."""

from __future__ import annotations

import json
import os
import random
import time
from dataclasses import asdict
from datetime import UTC, datetime

from django.db import connection, transaction

from bench.measure import Figure, Measure
from compliance.actions.dry_runs import Reading, dry_run
from compliance.evaluate import evaluate, plain, shipped_book, verdict_of
from compliance.points import declared, point_of

DAY = "2026-11-23"
AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
FACTS = int(os.environ.get("RULE_FACTS", "1000000"))
VERDICTS = 20_000
MANY_RULES = 20
FILL = """
INSERT INTO compliance_storedverdict (id, point, subject, pack, allows, breached, body, judged_at)
SELECT gen_random_uuid(), 'expense.submit', 'expense:' || n, 'bench', true, '[]',
       jsonb_set(given.body, '{facts,cost_fen}', to_jsonb(n %% 99991)), given.at - n * interval '1 second'
FROM (SELECT %s::jsonb AS body, %s::timestamptz AS at) given, generate_series(1, %s) n
"""


def _judged_act() -> Figure:
    """Judge at every point that has twenty rules or more, once with nothing proven and once with an example's facts."""
    book = shipped_book()
    slowest = (0.0, "")
    crowded = {name: len(book.at(name, DAY)) for name in declared() if len(book.at(name, DAY)) >= MANY_RULES}
    for name in crowded:
        examples = [one.facts for rule in book.at(name, DAY) for one in rule.examples if one.root != "act"]
        for facts in (point_of(name).facts(), max(examples, key=len)):
            evaluate(name, facts, on=DAY)
            began = time.perf_counter()
            for _ in range(1000):
                evaluate(name, facts, on=DAY)
            slowest = max(slowest, (time.perf_counter() - began, name))
    note = f"the slowest, {slowest[1]} with {crowded[slowest[1]]} rules, of {len(crowded)} points with {MANY_RULES} or more"
    return Figure(
        round(slowest[0], 3), "ms", 2000 * len(crowded), holds=slowest[0] <= 5 and bool(crowded), note=note
    )


def _dry_run() -> Figure:
    """Judge every stored act of a year by the meal rule as it is and with another cap; the rows are rolled back."""
    rule = shipped_book().by_id["RD-01"][0]
    facts = plain({"kind": "meal", "cost_fen": 60_000, "people_present": 2}, point_of("expense.submit").facts)
    body = asdict(evaluate("expense.submit", facts, on=DAY, subject="expense:1"))
    before, after = Reading(rule, {"cap_fen": 30_000}), Reading(rule, {"cap_fen": 20_000})
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE compliance_storedverdict DISABLE TRIGGER USER"
            )  # the owner may; rolled back
            cursor.execute(FILL, [json.dumps(body, ensure_ascii=False), AT, FACTS])
            cursor.execute("ANALYZE compliance_storedverdict")
        began = time.perf_counter()
        outcome = dry_run(before, after, at=AT)
        spent = time.perf_counter() - began
        transaction.set_rollback(True)
    judged = outcome["stopped"] + outcome["allowed"] + outcome["same"]
    limit = 300 * FACTS / 1_000_000
    note = f"{judged:,} stored acts, {outcome['stopped']:,} newly stopped, {judged / spent:,.0f} acts/s, before and after"
    return Figure(
        round(spent, 1),
        "s",
        judged,
        holds=spent <= limit and judged >= FACTS and outcome["stopped"] > 0,
        note=note,
    )


def _replay() -> Figure:
    chance = random.Random(7)
    examples = [
        example for rule in shipped_book().rules for example in rule.examples if example.root != "act"
    ]
    same = 0
    for _ in range(VERDICTS):
        example = chance.choice(examples)
        held = ("doctor:1",) if chance.random() < 0.1 else ()
        then = evaluate(
            example.point,
            example.facts,
            on=DAY,
            held=held,
            parameters={"SG-01": {"visits": chance.randrange(9)}},
        )
        kept = verdict_of(asdict(then))
        again = evaluate(kept.point, kept.facts, on=kept.on, held=kept.held, parameters=kept.parameters)
        same += again == kept
    return Figure(
        same * 100 / VERDICTS, "%", VERDICTS, holds=same == VERDICTS, note="stored form, judged again"
    )


MEASURES = [
    Measure("S11", "Judge one act", _judged_act),
    Measure("S11", "Dry run of one rule", _dry_run),
    Measure("P7", "Replay of stored verdicts", _replay),
]
