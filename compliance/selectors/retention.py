"""What of each class is over its term, what of that a hold or a case keeps, and the runs that destroyed records."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from compliance.choices import CaseState
from compliance.models import Case, RetentionRun
from compliance.retention import Disposal, Term, disposal_of, terms
from compliance.selectors.holds import held_of

AT_ONCE = 1_000
SHOWN = 20


@dataclass(frozen=True)
class Planned:
    """One class on a day: how many are due, how many of them something keeps, the first of each with what keeps it."""

    term: Term
    ends: bool
    due: int = 0
    held: int = 0
    keys_sha256: str = ""
    first: tuple[str, ...] = ()
    first_held: tuple[tuple[str, str], ...] = ()

    @property
    def goes(self) -> int:
        return self.due - self.held


def retention_plan(on: date, at: datetime) -> list[Planned]:
    """Return what a run on a day would destroy of each class, and what holds and cases keep. Cost: one pass over what is due."""
    return [_planned(term, on, at) for term in terms()]


def plan_body(plan: list[Planned]) -> dict[str, Any]:
    """Return what two people sign: counts by class, and a digest of the keys."""
    return {
        one.term.id: {"due": one.due, "held": one.held, "keys_sha256": one.keys_sha256}
        for one in plan
        if one.goes
    }


def plan_fingerprint(on: date, body: dict[str, Any]) -> str:
    """Return the SHA-256 that both signatures stand under."""
    said = json.dumps({"on": on.isoformat(), "plan": body}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def due_keys(disposal: Disposal, term: Term, on: date) -> Iterator[list[str]]:
    """Yield the keys of a class whose term is over on a day, some at a time, in key order."""
    after = ""
    while some := disposal.due(term.last_day(on), after, AT_ONCE):
        yield some
        after = some[-1]


def kept_of_keys(disposal: Disposal, keys: list[str], at: datetime) -> dict[str, str]:
    """Return for each key that a hold or an open case stops, the subject by which it does. Cost: three queries for all."""
    names = disposal.names(keys)
    every = sorted({subject for several in names.values() for subject in several})
    stopped = {held.subject for held in held_of(every, at, until_commit=True)}
    open_cases = Case.objects.filter(subject__in=every).exclude(state=CaseState.CLOSED)
    stopped |= set(open_cases.values_list("subject", flat=True))
    found = {key: next((one for one in names.get(key, ()) if one in stopped), "") for key in keys}
    return {key: subject for key, subject in found.items() if subject}


def retention_runs() -> QuerySet[RetentionRun]:
    """Return every run, newest first, with the people who signed. Cost: one query."""
    return RetentionRun.objects.select_related(
        "asked_by", "decided_by", "asked_signature", "signature", "job"
    ).order_by("-asked_at", "-pk")


def _planned(term: Term, on: date, at: datetime) -> Planned:
    disposal = disposal_of(term.id)
    if disposal is None:
        return Planned(term, ends=False)
    digest, due = hashlib.sha256(), 0
    first: list[str] = []
    held: dict[str, str] = {}
    for keys in due_keys(disposal, term, on):
        due += len(keys)
        first += keys[: max(0, SHOWN - len(first))]
        held |= kept_of_keys(disposal, keys, at)
        digest.update("".join(f"{key}\n" for key in keys if key not in held).encode())
    return Planned(
        term, ends=True, due=due, held=len(held), keys_sha256=digest.hexdigest(), first=tuple(first),
        first_held=tuple(list(held.items())[:SHOWN]),
    )  # fmt: skip
