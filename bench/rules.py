"""Figures of the rule book: an act judged, a dry run, replayed verdicts."""

from __future__ import annotations

import random
import time
from dataclasses import asdict

from bench.measure import Figure, Measure
from compliance.evaluate import evaluate, plain, shipped_book, stops, verdict_of
from compliance.points import point_of

DAY = "2026-11-23"
FACTS = 20_000
VERDICTS = 20_000


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

    kind = point_of("expense.submit").facts
    rule = shipped_book().by_id["RD-01"][0]
    facts = [plain({"kind": "meal", "cost_fen": n * 7, "people_present": n % 9}, kind) for n in range(FACTS)]
    began = time.perf_counter()
    for one in facts:
        stops(rule, "expense.submit", one, on=DAY, figures=[{"cap_fen": 30000}, {"cap_fen": 20000}])
    spent = (time.perf_counter() - began) * 1_000_000 / FACTS
    return Figure(
        round(spent, 1), "s", FACTS, holds=spent <= 300, note="scaled to 1,000,000 facts, before and after"
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
