"""Long work that a person waits for: percent, time left, cancel."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from .choices import JobState
from .errors import DomainError
from .models import Job


class JobCancelled(DomainError):
    """The person who asked no longer wants it; what was begun is rolled back or left restartable."""

    code = "job_cancelled"


def open_job(*, kind: str, title: str, by: Any, subject: str = "", total: int = 0) -> Job:
    """Open a job in state waiting; its page shows progress from now on."""
    return Job.objects.create(kind=kind, title=title, asked_by=by, subject=subject, total=total)


def start(job_id: UUID, *, at: datetime, total: int = 0) -> Job:
    """Mark a job as running. A job that was killed half-way starts again from zero."""
    Job.objects.filter(pk=job_id).update(
        state=JobState.RUNNING, started_at=at, done=0, error="", **({"total": total} if total else {})
    )
    return Job.objects.get(pk=job_id)


def advance(job_id: UUID, *, done: int, stage: str | None = None, total: int | None = None) -> None:
    """Say how far the work is. Raises: JobCancelled when the person asked to stop."""
    changes: dict[str, Any] = {"done": done}
    if stage is not None:
        changes["stage"] = stage
    if total is not None:
        changes["total"] = total
    Job.objects.filter(pk=job_id).update(**changes)
    if Job.objects.filter(pk=job_id, cancel_asked=True).exists():
        raise JobCancelled


def finish(job_id: UUID, *, at: datetime, result: dict[str, Any] | None = None) -> None:
    """Close a job as done, with what its page should show."""
    Job.objects.filter(pk=job_id).update(state=JobState.DONE, finished_at=at, result=result or {})


def fail(job_id: UUID, *, at: datetime, error: str) -> None:
    """Close a job as failed, with words for the person who asked."""
    Job.objects.filter(pk=job_id).update(state=JobState.FAILED, finished_at=at, error=error)


def cancelled(job_id: UUID, *, at: datetime) -> None:
    """Close a job as cancelled."""
    Job.objects.filter(pk=job_id).update(state=JobState.CANCELLED, finished_at=at)


def ask_to_cancel(job_id: UUID) -> None:
    """Ask a waiting or running job to stop; it does so at its next step."""
    Job.objects.filter(pk=job_id, state__in=[JobState.WAITING, JobState.RUNNING]).update(cancel_asked=True)


def time_left(job: Job, *, at: datetime) -> timedelta | None:
    """Return the time left at the present speed, or None while that is unknown."""
    if job.state != JobState.RUNNING or not job.done or not job.started_at or not job.total:
        return None
    spent = at - job.started_at
    return spent * (job.total - job.done) / job.done
