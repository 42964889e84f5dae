"""Doors of the import engine for long work. Each is safe to run twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from compliance.doors import recorded_refusals
from pharmacrm.common import jobs
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.jobs import JobCancelled

from .actions import check_rows, undo_rows, write_rows
from .choices import ImportState
from .guard import RefusedColumns, words_of_refusal
from .models import ImportJob


@shared_task(name="imports.check", acks_late=True)
def check(*, import_id: str, **_newer: object) -> str:
    """Stage and check the rows of an import."""
    return _run(check_rows, UUID(import_id), back_to=ImportState.FAILED, refused_to=ImportState.REFUSED)


@shared_task(name="imports.commit", acks_late=True)
def commit(*, import_id: str, **_newer: object) -> str:
    """Write the good rows of an import."""
    return _run(write_rows, UUID(import_id), back_to=ImportState.CHECKED)


@shared_task(name="imports.undo", acks_late=True)
def undo(*, import_id: str, **_newer: object) -> str:
    """Take an import back."""
    return _run(undo_rows, UUID(import_id), back_to=ImportState.COMMITTED)


for _task in (check, commit, undo):
    _task.own_transactions = True


def _run(step: Callable[..., ImportJob], import_id: UUID, *, back_to: str, refused_to: str = "") -> str:
    at = timezone.now()
    job = ImportJob.objects.select_related("job__asked_by").get(pk=import_id)
    asked_by: Any = job.job.asked_by if job.job else job.asked_by
    with override(asked_by.language or None) if asked_by and asked_by.language else override(None):
        try:
            with recorded_refusals(by=asked_by, at=at):
                return str(step(import_id=import_id, at=at).state)
        except JobCancelled:
            return _leave(
                import_id, at, ImportState.CANCELLED if back_to == ImportState.FAILED else back_to, ""
            )
        except (DomainError, Refused) as refusal:
            if refused_to and isinstance(refusal, RefusedColumns):
                return _leave(import_id, at, refused_to, words_of_refusal(refusal))
            return _leave(import_id, at, back_to, str(refusal))


def _leave(import_id: UUID, at: datetime, state: str, failure: str) -> str:
    ImportJob.objects.filter(pk=import_id).update(state=state, failure=failure)
    job_id = ImportJob.objects.values_list("job_id", flat=True).get(pk=import_id)
    if job_id and failure:
        jobs.fail(job_id, at=at, error=failure)
    elif job_id:
        jobs.cancelled(job_id, at=at)
    return state or str(_("Cancelled"))
