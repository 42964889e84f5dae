"""Doors of the outbox: the one task Celery is asked to run, and the sweeper."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from . import files, outbox


@shared_task(name="common.run_outbox_message", acks_late=True)
def run_outbox_message(*, message_id: str, **_newer: object) -> bool:
    """Run one outbox message. Safe to run twice: a finished message is left alone."""
    return outbox.run(UUID(message_id), at=timezone.now())


@shared_task(name="common.sweep_outbox", acks_late=True)
def sweep_outbox(**_newer: object) -> int:
    """Wake every message that is due and not done. Safe to run twice."""
    return outbox.sweep(at=timezone.now())


@shared_task(name="common.destroy_bytes", acks_late=True)
def destroy_bytes(*, sha256: str, away: bool = False, **_newer: object) -> bool:
    """Delete the bytes of an erased file, or the sealed ones that were put away. Safe to run twice: what is gone stays gone."""
    return files.destroy_away(sha256) if away else files.destroy_bytes(sha256)


SCHEDULES = {"common.sweep_outbox": 10}
