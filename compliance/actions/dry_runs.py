"""Try a change of the law on the facts that were stored: who would have been stopped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from compliance.evaluate import stops
from compliance.models import StoredVerdict
from compliance.rules.book import EVERYWHERE, Rule
from pharmacrm.common import jobs
from pharmacrm.common.outbox import enqueue

DAYS = 365
LISTED = 200
AT_ONCE = 20_000  # stored acts that a page waits for; more of them are a job
STEP = 2000


@dataclass(frozen=True)
class Reading:
    """One text of a rule with its figures."""

    rule: Rule
    figures: Mapping[str, Any]


def stored_acts(*rules: Rule | None, at: datetime) -> QuerySet[StoredVerdict]:
    """Return the verdicts of a year at the points of some rules, oldest first."""
    stored = StoredVerdict.objects.filter(judged_at__gte=at - timedelta(days=DAYS), judged_at__lte=at)
    points = {point for rule in rules if rule for point in rule.at}
    if EVERYWHERE not in points:
        stored = stored.filter(point__in=sorted(points))
    return stored.order_by("judged_at")


def dry_run(
    before: Reading | None,
    after: Reading | None,
    *,
    at: datetime,
    advance: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """Judge a year's stored facts by a rule as it is and as it would be; None is no rule.

    Returns: counts of acts newly stopped, newly allowed and unchanged; the same by person; the first of those that
    change. Cost: one pass over the stored verdicts of the rules' points; nothing is written.
    """
    counts: Counter[str] = Counter()
    people: dict[str, Counter[str]] = {}
    changed: list[dict[str, str]] = []
    rules = [one.rule for one in (before, after) if one]
    since = (at - timedelta(days=DAYS)).date().isoformat()
    readings = [(one.rule, one.figures) for one in (before, after) if one]
    rows = stored_acts(*rules, at=at).values_list(
        "pk", "subject", "judged_by_id", "point", "body__facts", "body__on", "body__held"
    )
    for number, (pk, subject, person, point, facts, on, held) in enumerate(
        rows.iterator(chunk_size=STEP), start=1
    ):
        found = stops(point, facts or {}, readings, on=on or since, held=held or ())
        was = found[0] if before else False
        would = found[-1] if after else False
        outcome = "same" if was == would else ("stopped" if would else "allowed")
        counts[outcome] += 1
        if outcome != "same":
            people.setdefault(str(person or ""), Counter())[outcome] += 1
            if len(changed) < LISTED:
                changed.append({"verdict": str(pk), "subject": subject, "outcome": outcome})
        if number % STEP == 0:
            advance(number)
    return {
        "stopped": counts["stopped"],
        "allowed": counts["allowed"],
        "same": counts["same"],
        "people": {person: dict(found) for person, found in people.items()},
        "changed": changed,
        "examples": [],
    }


def try_or_queue(
    row: Any, outcome: Callable[[], dict[str, Any]], *, rules: Iterable[Rule | None], by: Any, at: datetime
) -> dict[str, Any]:
    """Return the dry run of a drafted row at once, or `{"job": …}` where a year holds more acts than a page waits for."""
    rules = tuple(rules)
    total = stored_acts(*rules, at=at).count()
    if total <= AT_ONCE:
        return outcome()
    title = _("Dry run of %(rule)s over %(acts)s acts") % {"rule": row.rule, "acts": f"{total:,}"}
    job = jobs.open_job(kind="dry_run", title=title, by=by, subject=f"rule:{row.rule}", total=total)
    enqueue("compliance.dry_run", kind=row._meta.model_name, draft_id=row.pk, job_id=job.pk)
    return {"job": str(job.pk)}
