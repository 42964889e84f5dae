"""Doors of the privacy desk: its reminders, and the message with a code."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from doctors import actions

SCHEDULES = {"doctors.remind_of_requests": "20 8 * * *"}


@shared_task(name="doctors.remind_of_requests", acks_late=True)
def remind_of_requests(**_newer: object) -> int:
    """Remind the desk of requests that run out. Safe to run twice: the same is said to a person once."""
    return actions.remind_of_requests(at=timezone.now())


@shared_task(
    name="doctors.send_code",
    acks_late=True,
    own_transactions=True,
    autoretry_for=(OperationalError, OSError),
    retry_backoff=True,
    max_retries=5,
)
def send_code(*, link_id: str, **_newer: object) -> bool:
    """Send the code that waits for a doctor's page. Safe to run twice: a code that was sent waits no more."""
    return actions.deliver_code(link_id=UUID(link_id), at=timezone.now())
