"""What of a report may not be stored: kept apart word by word, while the visit itself is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from activities.selectors import visit_facts
from compliance import actions as law

if TYPE_CHECKING:
    from activities.models import Visit

    from .reports import VisitReport

PLACEHOLDER = "（已隔离，待合规复核 · kept apart until compliance has looked）"


@dataclass(frozen=True)
class Flagged:
    """One text of a report that may not be stored: where it stood, and why."""

    kind: str
    text: str
    categories: tuple[str, ...]


def flagged_in(report: VisitReport) -> tuple[Flagged, ...]:
    """Return the texts of a report that may not be stored, its needs, promise and reason as well as its note."""
    texts = [(visit_facts.NOTE_OF_VISIT, report.note), (visit_facts.NOTE_OF_LATENESS, report.late_reason)]
    texts += [(visit_facts.NOTE_OF_NEED, question) for question in questions_of(report)]
    if report.follow_up is not None:
        texts.append((visit_facts.NOTE_OF_FOLLOW_UP, report.follow_up.text))
    found = [Flagged(kind, text, visit_facts.note_hits(text, kind=kind)) for kind, text in texts]
    return tuple(one for one in found if one.categories)


def questions_of(report: VisitReport) -> list[str]:
    """Return the needs of a report, each once."""
    return list(dict.fromkeys(text.strip() for text in report.needs if text.strip()))


def keep_flagged_apart(visit: Visit, flagged: Sequence[Flagged], *, at: datetime) -> None:
    """Keep flagged texts apart, each as an alarm that two people decide. Call inside the act's transaction."""
    for one in flagged:
        law.keep_apart(
            kind=one.kind,
            subject=f"visit:{visit.pk}",
            text=one.text,
            categories=one.categories,
            by=visit.rep,
            at=at,
        )
