"""What the opened page shows, by section: the answers, the tier, the data, what was sent, the money, the rights."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from activities import selectors as activities
from doctors import selectors
from doctors.selectors import OwnPart, contests

HELD = ("identity", "contacts", "contact_reads", "workplaces", "posts", "interests", "roles", "corrections")
SENT = ("materials", "events", "visits", "contacts_made", "needs", "questions", "answers")
MONEY = ("transfers", "reported_transfers")
TOLD_ELSEWHERE = ("tier", "consents", "requests")  # each has a section of its own on the page


def opened_sections(link: Any, at: datetime) -> dict[str, Any] | None:
    """Return all that an opened page shows of a doctor; None of one who is gone. Cost: constant, whatever is held."""
    doctor_id = link.doctor_id
    data = activities.own_data(doctor_id, at=at)
    why, opened = selectors.explain_tier(doctor_id), selectors.opener_of(doctor_id)
    if why is None:
        return None
    known = {*HELD, *SENT, *MONEY, *TOLD_ELSEWHERE, "tier_history"}
    return {
        "doctor": selectors.doctor_card(doctor_id),
        "lines": selectors.own_consents(doctor_id, at=at),
        "why": why,
        "since": contests.since_last_quarter(why),
        "ways": contests.ways_to_core(why),
        "contested": contests.last_contest_of(doctor_id),
        "tiers": _parts(data.parts, ["tier_history"]),
        # A part that some app adds later is data we hold: it shows without a change here.
        "held": _parts(data.parts, [*HELD, *(part.key for part in data.parts if part.key not in known)]),
        "sent": _parts(data.parts, SENT),
        "money": _parts(data.parts, MONEY),
        "has_money": any(part.rows for part in _parts(data.parts, MONEY)),
        "withheld": data.withheld,
        "requests": [
            (row, opened(row.letter_sealed)) for row in selectors.requests_of_doctor(doctor_id)[:20]
        ],
        "granted": selectors.copy_granted_to(doctor_id),
        "now": at,
    }


def _parts(parts: Iterable[OwnPart], keys: Iterable[str]) -> list[OwnPart]:
    by_key = {part.key: part for part in parts}
    return [by_key[key] for key in keys if key in by_key]
