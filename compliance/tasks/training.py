"""Doors of the training's daily work."""

from datetime import date

from celery import shared_task
from django.utils import timezone

from compliance.actions import duties, filings


@shared_task(name="compliance.mind_training", acks_late=True)
def mind_training(*, on: str | None = None, **_newer: object) -> int:
    """Ask for missing courses and remind of those due on ISO date `on` (default: today). Safe to run twice."""
    at = timezone.now()
    day = date.fromisoformat(on) if on else timezone.localdate(at)
    return duties.mind_training(on=day, at=at)


@shared_task(name="compliance.mind_filings", acks_late=True)
def mind_filings(**_newer: object) -> int:
    """Warn of filings that end and of changes to be filed; a day passed opens a finding. Safe to run twice."""
    return filings.mind_filings(at=timezone.now())
