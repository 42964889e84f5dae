"""Doors of the rule book's long work."""

from datetime import date
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from compliance.actions import carrying, waivers
from compliance.actions.dry_run_jobs import finish_dry_run
from pharmacrm.common import jobs
from pharmacrm.common.jobs import JobCancelled


@shared_task(name="compliance.tell_waivers_of_month", acks_late=True)
def tell_waivers_of_month(*, on: str | None = None, **_newer: object) -> int:
    """Hand compliance last month's exceptions. Safe to run twice: each officer is told once a month."""
    at = timezone.now()
    day = date.fromisoformat(on) if on else timezone.localdate(at)
    return waivers.tell_waivers_of_month(on=day, at=at)


@shared_task(name="compliance.put_to_approval", acks_late=True)
def put_to_approval(**_newer: object) -> int:
    """Put drafts and exceptions of before the approval engine to it. Safe to run twice: each is put once."""
    return carrying.put_to_approval(at=timezone.now())


@shared_task(name="compliance.dry_run", acks_late=True, own_transactions=True)
def dry_run(*, kind: str, draft_id: str, job_id: str, **_newer: object) -> bool:
    """Try a drafted rule or figure on a year's stored facts. Safe to run twice: a draft that was tried is left alone."""
    at = timezone.now()
    try:
        return finish_dry_run(kind=kind, draft_id=UUID(draft_id), job_id=UUID(job_id), at=at)
    except JobCancelled:
        jobs.cancelled(UUID(job_id), at=at)
        return False
