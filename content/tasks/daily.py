"""Expiry by the calendar, and the news of an ending."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from content import actions


@shared_task(
    name="content.expire_materials",
    acks_late=True,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
)
def expire_materials(*, on: str | None = None, **_newer: object) -> int:
    """Expire the materials whose last day has passed by ISO date `on` (default: today). Safe to run twice."""
    day = date.fromisoformat(on) if on else timezone.localdate()
    return actions.expire_versions(on=day, at=timezone.now())


@shared_task(
    name="content.tell_of_ending",
    acks_late=True,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
)
def tell_of_ending(*, version_id: str, **_newer: object) -> int:
    """Tell those concerned that a version stopped. Safe to run twice: a notification is said once."""
    return actions.tell_of_ending(version_id=UUID(version_id), at=timezone.now())
