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
from compliance.points import point_of

DAY = "2026-11-23"
AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
FACTS = int(os.environ.get("RULE_FACTS", "1000000"))
VERDICTS = 20_000
FILL = """
INSERT INTO compliance_storedverdict (id, point, subject, pack, allows, breached, body, judged_at)
SELECT gen_random_uuid(), 'expense.submit', 'expense:' || n, 'bench', true, '[]',
       jsonb_set(given.body, '{facts,cost_fen}', to_jsonb(n %% 99991)), given.at - n * interval '1 second'
FROM (SELECT %s::jsonb AS body, %s::timestamptz AS at) given, generate_series(1, %s) n
"""


def _judged_act() -> Figure:

    facts = point_of("visit.plan").facts()
    rules = len(shipped_book().at("visit.plan", DAY))
    evaluate("visit.plan", facts, on=DAY)
    began = time.perf_counter()
    for _ in range(1000):
        evaluate("visit.plan", facts, on=DAY)
    spent = (time.perf_counter() - began) / 1000 * 1000
    return Figure(
        round(spent, 3), "ms", 1000, holds=spent <= 5, note=f"{rules} rules at visit.plan, nothing proven"
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
                "SET LOCAL pharmacrm.bulk_load = 'on'; SET LOCAL session_replication_role = 'replica'"
            )
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
