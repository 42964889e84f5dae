"""Doors of the territory tree: what waits for its day."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from pharmacrm.accounts import actions

SCHEDULES = {"accounts.carry_out_moves": "1 0 * * *"}


@shared_task(name="accounts.carry_out_moves", acks_late=True)
def carry_out_moves(**_newer: object) -> int:
    """Hang branches of the tree where they belong from today. Safe to run twice: a move is carried out once."""
    at = timezone.now()
    return actions.carry_out_moves(on=timezone.localdate(at), at=at)
