"""Doors of the search for duplicates."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from doctors.actions import duplicates

SCHEDULES = {"doctors.find_duplicates": "30 3 * * *"}


@shared_task(name="doctors.fit_matching", acks_late=True, own_transactions=True)
def fit_matching(*, model_id: str, **_newer: object) -> str:
    """Fit the matching weights. Safe to run twice: fitted weights are left alone."""
    return duplicates.carry_out_fit(model_id=UUID(model_id), clock=timezone.now).state


@shared_task(name="doctors.find_duplicates", acks_late=True, own_transactions=True)
def find_duplicates(*, model_id: str = "", **_newer: object) -> int:
    """Search the base for duplicates. Safe to run twice: a pair is kept once, a merged record is not merged again."""
    return duplicates.search(model_id=UUID(model_id) if model_id else None, clock=timezone.now)
