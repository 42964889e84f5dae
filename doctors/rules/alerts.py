"""When a doctor's academic engagement is said to rise or to cool. Units: hundredths of a contact."""

from __future__ import annotations

WINDOW_DAYS = 60
LEAST = 300  # three full contacts, so that one event more or less says nothing
FACTOR = 2
RISING, COOLING = "rising", "cooling"
# What doctors do themselves. Visits, and what is shown and read in them, are what we do.
OWN_ACTS = ("event_attended", "event_spoken", "event_chaired", "question_asked", "need_told")


def way_of(before: int, now: int) -> str:
    """Return whether engagement rises, cools, or (empty) does neither: at least double or half, and three contacts."""
    if now >= FACTOR * before and now - before >= LEAST:
        return RISING
    if before >= FACTOR * now and before - now >= LEAST:
        return COOLING
    return ""
