"""Words that may not be stored, in a text that belongs to an act which has not happened yet: the act is refused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from compliance.choices import AlarmPlace
from compliance.facts import NoteFacts
from compliance.rules.guard import categories_of, scan_text
from compliance.selectors.alarms import is_released
from pharmacrm.common.errors import Refused

from .judging import judge


def refuse_words(place: str, texts: Iterable[str], *, subject: str, by: Any, at: datetime) -> None:
    """Ask the law about the free texts of an act. The words themselves enter neither the verdict nor the ledger.

    `place` names the field, such as "event.plan"; words that two people released there pass.
    Raises: Refused, with rule and clause; nothing has changed. What already happened is kept apart instead: `keep_apart`.
    Cost: nothing is asked of the database where nothing is found. Source: regulations reference §11; promise C8.
    """
    for text in texts:
        found = categories_of(scan_text(text)) if text and text.strip() else ()
        if not found or is_released(AlarmPlace.NOTE, place, text):
            continue
        facts = NoteFacts(place=place, categories=found)
        verdict = judge("note.accept", facts, subject=subject, by=by, at=at)
        if verdict.breached:
            raise Refused(verdict)
