"""Ask the law about one act, or again about a past one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime

from compliance import points, selectors
from compliance.evaluate import Verdict, evaluate, plain
from pharmacrm.common.errors import Refused
from pharmacrm.common.ids import uuid7


@dataclass(frozen=True)
class Replay:
    """A past verdict and the one its pack, figures and facts give today."""

    then: Verdict
    now: Verdict

    @property
    def is_same(self) -> bool:
        return (
            self.then.breached == self.now.breached
            and self.then.rules == self.now.rules
            and self.then.refusals == self.now.refusals
        )


def judge(
    point: str,
    facts: Any,
    *,
    subject: str,
    by: Any,
    at: datetime,
    pack: str | None = None,
    on: date | None = None,
    heeds_holds: bool = True,
) -> Verdict:
    """Return the law's verdict for one act; `pack` asks an older book.

    `on` is the day of an act that is reported later: it is judged by the texts and figures of that day. A day to come
    counts as the day of `at`. `heeds_holds` is False where a person uses a right of their own: a hold stops the
    company, never them.

    Raises: Refused at a point before the act when a rule stops it, and nothing has changed;
    UndeclaredPoint when no app declares `point`; PackNotFound.
    Cost: three queries (pack, holds, the holds' lock), one more for each kind of breach that a waiver may cover.
    """
    declared = points.point_of(point)
    book = selectors.book_of(pack) if pack else selectors.live_book(at)
    today = localtime(at).date()
    day = min(on or today, today)
    rules = [f"rule:{rule.id}" for rule in book.at(point, day.isoformat())]
    rests_on = _rests_on(subject, facts, by)
    verdict = evaluate(
        point,
        plain(facts, declared.facts),
        on=day,
        book=book,
        held=_held([*rests_on, *rules], at, declared.kind) if heeds_holds else [],
        subject=subject,
        id=str(uuid7()),
    )
    waivable = [refusal.rule for refusal in verdict.refusals if refusal.waivable and refusal.blocks]
    if waivable:
        verdict = _waived(verdict, selectors.live_waivers(waivable, rests_on, day))
    if declared.kind == "before" and verdict.breached:
        raise Refused(verdict)
    return verdict


def is_stopped(
    point: str, *, subjects: Sequence[str], by: Any, at: datetime, until_commit: bool = False
) -> bool:
    """Return whether a hold, placed by now, stops an act that was allowed when it began at `at`.

    For long work, asked between its steps: new holds need not wait for it, unless it says `until_commit`. Its last step
    is judged. Cost: one query, two with `until_commit`.
    """
    rules = [
        f"rule:{rule.id}" for rule in selectors.live_book(at).at(point, localtime(at).date().isoformat())
    ]
    people = [f"user:{by.pk}"] if getattr(by, "pk", None) else []
    return selectors.is_held_by_now([*subjects, *people, *rules], at, until_commit=until_commit)


def replay(verdict: Verdict) -> Replay:
    """Judge a past act again, by its own pack, figures, holds and waivers. Raises: PackNotFound."""
    again = evaluate(
        verdict.point,
        verdict.facts,
        on=verdict.on,
        book=selectors.book_of(verdict.pack),
        parameters=verdict.parameters,
        held=verdict.held,
        waivers={refusal.rule: refusal.waiver_id for refusal in verdict.refusals if refusal.waiver_id},
        subject=verdict.subject,
        id=verdict.id,
    )
    return Replay(then=verdict, now=again)


def _rests_on(subject: str, facts: Any, by: Any) -> list[str]:
    people = [f"user:{by.pk}"] if getattr(by, "pk", None) else []
    return list(dict.fromkeys([subject, *people, *getattr(facts, "subjects", ())]))


def _held(subjects: Sequence[str], at: datetime, kind: str) -> list[str]:
    found = selectors.held_of(subjects, at, until_commit=kind == "before")
    return list(dict.fromkeys(hold.subject for hold in found))


def _waived(verdict: Verdict, waivers: dict[str, str]) -> Verdict:
    refusals = tuple(
        replace(refusal, waiver_id=waivers.get(refusal.rule, "")) if refusal.waivable else refusal
        for refusal in verdict.refusals
    )
    return replace(verdict, refusals=refusals)
