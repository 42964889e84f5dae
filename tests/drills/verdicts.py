"""P6: five hundred cases meet the same verdict at every door. P7: stored verdicts, judged again, say the same."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from dataclasses import asdict
from typing import Any

import time_machine
from django.db import transaction
from django.test.utils import setup_test_environment

from bench.measure import Figure, Measure
from compliance import actions as law
from compliance import points
from compliance.evaluate import evaluate, shipped_book, verdict_of
from compliance.models import StoredVerdict
from compliance.selectors import pack_for_phone
from pharmacrm.common.ids import uuid7
from tests.compliance.phone import on_the_phone, on_the_server
from tests.conftest import AT
from tests.same_verdict import DOORS, cases, differ, doors_of, verdicts_of

FULL = os.environ.get("PHARMACRM_DRILL_SIZE") == "full"
CASES = int(os.environ.get("DRILL_CASES", 500 if FULL else 100))
VERDICTS = int(os.environ.get("DRILL_VERDICTS", 100_000 if FULL else 10_000))
BATCH = 2_000


def same_verdict_at_every_door() -> dict[str, Figure]:
    """Send every case through every door of its point; then ask the phone's engine about the same facts.

    There is no admin door. What only one kind of door does stands in test_same_verdict_at_every_door.py.
    """
    setup_test_environment(debug=False)
    wrong: list[str] = []
    judged: list[dict[str, Any]] = []
    with time_machine.travel(AT, tick=False):
        for number, case in enumerate(cases(CASES)):
            found = verdicts_of(case)
            if differ(case, found):
                wrong.append(f"{number} {case.point}")
            judged += [
                {"point": one["point"], "facts": one["facts"], "day": one["on"]}
                for verdict in found.values()
                if verdict
                for one in verdict.get("all", [verdict])
            ]
    asked = sum(len(doors_of(case)) for case in cases(CASES))
    doors = Counter(door for case in cases(CASES) for door in doors_of(case))
    book = shipped_book()
    phone = on_the_phone(
        json.dumps({"pack": pack_for_phone(book, sorted(points.declared())), "cases": judged})
    )
    apart = sum(theirs != on_the_server(one, book) for one, theirs in zip(judged, phone, strict=True))
    said = ", ".join(f"{door} {times}" for door, times in sorted(doors.items()))
    return {
        "same verdict at every door": Figure(
            (CASES - len(wrong)) * 100 / CASES,
            "%",
            CASES,
            holds=not wrong,
            note=f"{asked} requests at {len(DOORS)} points ({said}); "
            + (", ".join(wrong[:5]) or "none differs"),
        ),
        "same verdict on the phone's engine": Figure(
            (len(judged) - apart) * 100 / len(judged), "%", len(judged), holds=not apart
        ),
    }


def replay_of_stored_verdicts() -> Figure:
    """Store verdicts as acts do, read them back, and judge each again by its own pack, figures, facts and holds."""
    chance = random.Random(20261122)
    examples = [one for rule in shipped_book().rules for one in rule.examples if one.root != "act"]
    same = breached = 0
    for start in range(0, VERDICTS, BATCH):
        with transaction.atomic():
            for _ in range(min(BATCH, VERDICTS - start)):
                example = chance.choice(examples)
                verdict = evaluate(
                    example.point,
                    example.facts,
                    on=f"2026-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}",
                    held=(f"doctor:{chance.randrange(9)}",) if chance.random() < 0.1 else (),
                    parameters={"RD-01": {"cap_fen": chance.randrange(10_000, 50_000)}},
                    subject="drill:1",
                    id=str(uuid7()),
                )
                StoredVerdict.objects.create(
                    pk=verdict.id,
                    point=verdict.point,
                    subject=verdict.subject,
                    pack=verdict.pack,
                    allows=verdict.allows,
                    breached=verdict.breached,
                    body=asdict(verdict),
                    judged_at=AT,
                )
            for body in StoredVerdict.objects.filter(subject="drill:1").values_list("body", flat=True):
                again = law.replay(verdict_of(body))
                same += again.is_same and again.now == again.then
                breached += bool(again.then.breached)
            transaction.set_rollback(True)
    return Figure(
        same * 100 / VERDICTS, "%", VERDICTS, holds=same == VERDICTS, note=f"{breached} of them in breach"
    )


DRILLS = [
    Measure("P6", "Same verdict at every door", same_verdict_at_every_door),
    Measure("P7", "Stored verdicts judged again", replay_of_stored_verdicts),
]
