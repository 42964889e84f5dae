"""Door of the run that destroys records whose term is over."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from compliance.actions import retention
from compliance.models import RetentionRun
from pharmacrm.common import jobs
from pharmacrm.common.jobs import JobCancelled


@shared_task(name="compliance.run_retention", acks_late=True, own_transactions=True)
def run_retention(*, run_id: str, **_newer: object) -> str:
    """Carry out a signed run. Safe to run twice: what is gone is not due, and a closed run is left alone."""
    at = timezone.now()
    try:
        return str(retention.run_retention(run_id=UUID(run_id), at=at).state)
    except JobCancelled:
        job_id = RetentionRun.objects.values_list("job", flat=True).get(pk=run_id)
        jobs.cancelled(job_id, at=at)
        return str(retention.stop_retention(run_id=UUID(run_id), at=at).state)
