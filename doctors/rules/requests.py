"""Clocks of privacy requests: working days of a five-day week, and the calendar's days. Pure."""

from __future__ import annotations

from datetime import date, timedelta

TARGET_WORKING_DAYS = 15  # of rule PI-07b, before a company sets its own
LAST_DAYS = 30


def working_days_between(start: date, end: date) -> int:
    """Return how many Mondays to Fridays lie after `start` up to `end`; public holidays count as working days."""
    return sum(1 for n in range(1, (end - start).days + 1) if (start + timedelta(days=n)).weekday() < 5)


def after_working_days(start: date, days: int) -> date:
    """Return the day on which so many working days have passed after `start`."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day
