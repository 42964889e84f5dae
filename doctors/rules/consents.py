"""The consent lattice: person × channel × purpose × product. The most specific answer wins, never wins always. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

GIVEN, REFUSED, WITHDRAWN, NEVER = "given", "refused", "withdrawn", "never"
NONE, EXPIRED, OUTDATED = "none", "expired", "outdated"
STOPPED = frozenset({REFUSED, WITHDRAWN, NEVER})

Cell = tuple[str, str, str]


@dataclass(frozen=True)
class Answer:
    """One recorded answer. Empty channel, purpose or product means every value of that dimension."""

    id: str
    channel: str
    purpose: str
    product: str
    state: str
    valid_from: datetime
    valid_until: datetime | None = None
    outdated_from: datetime | None = None  # a notice that changed in substance holds from then on

    @property
    def cell(self) -> Cell:
        return self.channel, self.purpose, self.product


@dataclass(frozen=True)
class Consent:
    """What holds for a question: the state, the answer that decided it and the cell the answer was given for."""

    state: str
    answer_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    cell: Cell = ("", "", "")

    @property
    def is_given(self) -> bool:
        return self.state == GIVEN

    @property
    def is_stopped(self) -> bool:
        """Whether the doctor said no in words, which silence or a lapsed yes is not."""
        return self.state in STOPPED


def resolve(
    answers: Iterable[Answer], *, channel: str, purpose: str, product: str = "", at: datetime
) -> Consent:
    """Return the consent that holds at a moment.

    Of each cell the newest answer counts, except that after `never` only a later `given` does. A live `never` in any
    cell that covers the question wins. Else the cell with the most named dimensions wins; between equally specific
    cells one that does not allow wins, the newest of several. A yes stands against a no only within the no's own cell,
    as its exception: where the two merely cross, the no holds. Source: PIPL 14, 15.
    """
    cells = held_answers((answer for answer in answers if _covers(answer, channel, purpose, product)), at=at)
    if not cells:
        return Consent(NONE)
    never = [answer for answer in cells.values() if answer.state == NEVER]
    if never:
        return _consent(max(never, key=_newest), NEVER)
    best = max(sum(map(bool, cell)) for cell in cells)
    finalists = [answer for cell, answer in cells.items() if sum(map(bool, cell)) == best]
    decided = [(answer, state_at(answer, at)) for answer in finalists]
    closed = [pair for pair in decided if pair[1] != GIVEN]
    answer, state = max(closed or decided, key=lambda pair: _newest(pair[0]))
    if state == GIVEN:
        crossed = [no for no in cells.values() if no.state in STOPPED and not _lies_in(answer.cell, no.cell)]
        if crossed:
            answer = max(crossed, key=_newest)
            state = answer.state
    return _consent(answer, state)


def held_answers(answers: Iterable[Answer], *, at: datetime) -> dict[Cell, Answer]:
    """Return the answer that counts for each cell: the newest; a `never` until a later `given` ends it."""
    cells: dict[Cell, Answer] = {}
    for answer in sorted(answers, key=_newest):
        if answer.valid_from > at:
            continue
        held = cells.get(answer.cell)
        if held is None or held.state != NEVER or answer.state in {NEVER, GIVEN}:
            cells[answer.cell] = answer
    return cells


def narrower_given(answers: Iterable[Answer], *, cell: Cell, at: datetime) -> list[Cell]:
    """Return the cells within a cell in which a consent is held: what a withdrawal of the wider cell ends too."""
    return sorted(
        other
        for other, answer in held_answers(answers, at=at).items()
        if other != cell and answer.state == GIVEN and _lies_in(other, cell)
    )


def state_at(answer: Answer, at: datetime) -> str:
    """Return what an answer says at a moment: a yes lapses on its day, or when the notice changes in substance."""
    if answer.state != GIVEN:
        return answer.state
    if answer.valid_until is not None and answer.valid_until <= at:
        return EXPIRED
    if answer.outdated_from is not None and answer.outdated_from <= at:
        return OUTDATED
    return GIVEN


def _newest(answer: Answer) -> tuple[datetime, str]:
    return answer.valid_from, answer.id


def _lies_in(cell: Cell, wide: Cell) -> bool:
    return all(outer in ("", inner) for outer, inner in zip(wide, cell, strict=True))


def _covers(answer: Answer, channel: str, purpose: str, product: str) -> bool:
    return (
        answer.channel in ("", channel)
        and answer.purpose in ("", purpose)
        and answer.product in ("", product)
    )


def _consent(answer: Answer, state: str) -> Consent:
    return Consent(state, answer.id, answer.valid_from, answer.valid_until, answer.cell)
