"""Doors of the ledger's regular work."""

from uuid import UUID

from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from compliance.actions import sealing, verifying, witnessing


@shared_task(name="compliance.seal_ledger", acks_late=True)
def seal_ledger(**_newer: object) -> int:
    """Seal what was committed since the last run. Safe to run twice: one sealer at a time, and an entry is sealed once."""
    return sealing.seal(at=timezone.now())


@shared_task(
    name="compliance.anchor_checkpoint",
    acks_late=True,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
)
def anchor_checkpoint(*, checkpoint_id: str, **_newer: object) -> int:
    """Leave a checkpoint where the database's owner cannot reach it. Safe to run twice."""
    return len(sealing.anchor_checkpoint(checkpoint_id=UUID(checkpoint_id), at=timezone.now()))


@shared_task(name="compliance.verify_ledger", acks_late=True)
def verify_ledger(*, job_id: str | None = None, asked_by: str | None = None, **_newer: object) -> str:
    """Check the whole record against the log and the last outside checkpoint. Safe to run twice."""
    return verifying.verify_in_job(
        job_id=UUID(job_id) if job_id else None,
        asked_by=UUID(asked_by) if asked_by else None,
        at=timezone.now(),
    )


@shared_task(name="compliance.hear_witness", acks_late=True)
def hear_witness(**_newer: object) -> int:
    """Take note of what the witness signed. Safe to run twice."""
    return len(witnessing.hear_witness(at=timezone.now()))
