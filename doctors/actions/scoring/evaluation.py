"""How a model behaves: tiers over the quarters, attention by tier, and tiers under other weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise

from django.db import connection
from django.utils.translation import gettext_noop

from doctors.models import ScoringTrial
from doctors.rules.segmentation import SHARE, Lines, ModelSpec, share_lines, tier_of
from doctors.rules.trials import NUDGE, gini_of, lorenz_of, nudged

from . import trial_statements as sql
from .engagement import first_moment
from .runs import daytime_run_of
from .statements import FAMILY
from .working import execute_large

ATTENTION_DAYS = 90
QUARTERS = 4


def evaluation_steps(trial: ScoringTrial, spec: ModelSpec) -> Iterator[tuple[int, str, Callable[[], None]]]:
    """Yield the steps that tell how a model behaves: over quarters, in attention, and under other weights."""
    full = trial.baseline
    assert full is not None  # noqa: S101 - open_trial refuses an evaluation without a run
    day = daytime_run_of(full)
    yield 3, gettext_noop("Comparing quarters"), lambda: _stability(trial)
    yield 15, gettext_noop("Measuring attention"), lambda: _concentration(trial)
    levels = sql.level_table(spec, full.pk, day.pk if day else None)
    yield 30, gettext_noop("Scoring"), lambda: execute_large(levels)
    drawn: list[dict[tuple[str, str], int]] = []
    yield 40, gettext_noop("Trying other weights"), lambda: drawn.append(_placed(spec))
    wheres = [*spec.dimension_weights, *(feature.key for feature in spec.features)]
    tried = [(where, sign * NUDGE) for where in wheres for sign in (1, -1)]
    trial.result["sensitivity"] = []
    for done, (where, percent) in enumerate(tried):
        yield (
            41 + 55 * done // len(tried),
            gettext_noop("Trying other weights"),
            lambda where=where, percent=percent: _nudge(trial, spec, drawn[0], where, percent),
        )


def _stability(trial: ScoringTrial) -> None:
    """Compare the tiers held at the ends of the last quarters, each with the one before."""
    ends = quarter_ends(trial.as_of, QUARTERS)
    found = []
    with connection.cursor() as cursor:
        for before, after in pairwise(ends):
            cursor.execute(sql.BETWEEN, {"moment": first_moment(before), "later": first_moment(after)})
            rows = cursor.fetchall()
            found.append(
                {
                    "from": before.isoformat(),
                    "to": after.isoformat(),
                    "moves": [[old, new, n] for old, new, n in rows],
                }
            )
    trial.result["stability"] = found


def quarter_ends(on: date, count: int) -> list[date]:
    """Return the first days after the last `count` quarters, oldest first, and the day after `on`."""
    start = date(on.year, (on.month - 1) // 3 * 3 + 1, 1)
    days = [start]
    while len(days) < count:
        last = days[0] - timedelta(days=1)
        days.insert(0, date(last.year, (last.month - 1) // 3 * 3 + 1, 1))
    return [*days, on + timedelta(days=1)]


def _concentration(trial: ScoringTrial) -> None:
    until = trial.as_of + timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(FAMILY.format(also=""))
        cursor.execute(
            sql.ATTENTION,
            {
                "since": first_moment(until - timedelta(days=ATTENTION_DAYS)),
                "until": first_moment(until),
            },
        )
        rows = cursor.fetchall()
    heights: dict[int, int] = {}
    tiers: dict[str, list[int]] = {}
    for tier, contacts, people in rows:
        heights[contacts] = heights.get(contacts, 0) + people
        one = tiers.setdefault(tier, [0, 0])
        one[0] += people
        one[1] += contacts * people
    ordered = sorted(heights.items())
    trial.result["attention"] = {
        "days": ATTENTION_DAYS,
        "tiers": tiers,
        "gini": gini_of(ordered),
        "lorenz": lorenz_of(ordered),
    }


def _placed(spec: ModelSpec) -> dict[tuple[str, str], int]:
    """Count who would hold which tier, by the tier held now."""
    with connection.cursor() as cursor:
        cursor.execute(sql.heights(spec))
        rows = cursor.fetchall()
    core, potential = spec.core_cut_bp, spec.potential_cut_bp
    if spec.cut == SHARE:
        core, potential = share_lines([(score, n) for score, _held, _known, n in rows], spec)
    lines = Lines(core, potential, spec.hysteresis_bp, 1)
    placed: dict[tuple[str, str], int] = {}
    for score, held, is_known, n in rows:
        key = (held, tier_of(score, lines, held, known=int(is_known)))
        placed[key] = placed.get(key, 0) + n
    return placed


def _nudge(
    trial: ScoringTrial, spec: ModelSpec, now: dict[tuple[str, str], int], where: str, percent: int
) -> None:
    placed = _placed(nudged(spec, where, percent))
    whole = sum(now.values())
    trial.result["doctors"] = whole
    trial.result["sensitivity"].append(
        {
            "where": where,
            "percent": percent,
            "moved": sum(n for (held, after), n in placed.items() if held != after),
            "tiers": {
                tier: sum(n for key, n in placed.items() if key[1] == tier)
                for tier in ("core", "potential", "basic")
            },
        }
    )
