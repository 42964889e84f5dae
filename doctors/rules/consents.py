"""The consent lattice: person × channel × purpose × product. The most specific answer wins, never wins always. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

GIVEN, REFUSED, WITHDRAWN, NEVER = "given", "refused", "withdrawn", "never"
NONE, EXPIRED = "none", "expired"


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


@dataclass(frozen=True)
class Consent:
    """What holds for a question: the state, and the answer that decided it."""

    state: str
    answer_id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_given(self) -> bool:
        return self.state == GIVEN


def resolve(
    answers: Iterable[Answer], *, channel: str, purpose: str, product: str = "", at: datetime
) -> Consent:
    """Return the consent that holds at a moment.

    Of each cell the newest answer counts. A live `never` in any cell that covers the question wins. Else the cell
    with the most named dimensions wins; between equally specific cells one that does not allow wins, the newest of
    several.
    """
    cells: dict[tuple[str, str, str], Answer] = {}
    for answer in answers:
        if answer.valid_from > at or not _covers(answer, channel, purpose, product):
            continue
        cell = (answer.channel, answer.purpose, answer.product)
        if cell not in cells or (answer.valid_from, answer.id) > (cells[cell].valid_from, cells[cell].id):
            cells[cell] = answer
    if not cells:
        return Consent(NONE)
    for answer in cells.values():
        if answer.state == NEVER:
            return _consent(answer, NEVER)
    best = max(sum(map(bool, cell)) for cell in cells)
    finalists = [answer for cell, answer in cells.items() if sum(map(bool, cell)) == best]
    decided = [(answer, _state_at(answer, at)) for answer in finalists]
    closed = [pair for pair in decided if pair[1] != GIVEN]
    return _consent(*max(closed or decided, key=lambda pair: (pair[0].valid_from, pair[0].id)))


def _covers(answer: Answer, channel: str, purpose: str, product: str) -> bool:
    return (
        answer.channel in ("", channel)
        and answer.purpose in ("", purpose)
        and answer.product in ("", product)
    )


def _state_at(answer: Answer, at: datetime) -> str:
    ended = answer.state == GIVEN and answer.valid_until is not None and answer.valid_until <= at
    return EXPIRED if ended else answer.state


def _consent(answer: Answer, state: str) -> Consent:
    return Consent(state, answer.id, answer.valid_from, answer.valid_until)
