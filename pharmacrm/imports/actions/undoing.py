"""Take an import back within a day, all of it or nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from pharmacrm.accounts.models import User
from pharmacrm.common import jobs
from pharmacrm.common.errors import DomainError
from pharmacrm.common.outbox import enqueue
from pharmacrm.imports.choices import ImportState
from pharmacrm.imports.models import ImportJob
from pharmacrm.imports.registry import kind_of

from .committing import results_of


class ImportNotUndone(DomainError):
    """The import stands as it was."""

    code = "import_not_undone"


@transaction.atomic
def undo_import(*, import_id: UUID, by: User, at: datetime) -> ImportJob:
    """Ask for an import to be taken back. Raises: PermissionDenied; ImportNotUndone when it is too late or not done."""
    job = ImportJob.objects.select_for_update().get(pk=import_id)
    if not kind_of(job.kind).action.may_import(by):
        raise PermissionDenied
    if job.state != ImportState.COMMITTED or job.undo_until is None:
        raise ImportNotUndone(_("Only an import that was written can be undone."))
    if at > job.undo_until:
        raise ImportNotUndone(_("An import can be undone for 24 hours; this one is older."))
    job.job = jobs.open_job(kind="imports.undo", title=job.file_name, by=by, subject=f"import:{job.pk}")
    job.save(update_fields=["job", "updated_at"])
    law.record("imports.undo_asked", subject=f"import:{job.pk}", by=by, at=at)
    enqueue("imports.undo", import_id=job.pk)
    return job


def undo_rows(*, import_id: UUID, at: datetime) -> ImportJob:
    """Take back all that an import wrote, in one transaction. Safe to run twice.

    Raises: DomainError of the kind when a row is in use by now; then nothing was taken back.
    """
    job = ImportJob.objects.select_related("job__asked_by").get(pk=import_id)
    if job.state != ImportState.COMMITTED or job.job is None:
        return job
    jobs.start(job.job_id, at=at)
    with transaction.atomic():
        held = ImportJob.objects.select_for_update(skip_locked=True).filter(pk=import_id).first()
        if held is None or held.state != ImportState.COMMITTED:
            return job
        by = job.job.asked_by or job.asked_by
        action = kind_of(held.kind).action
        for written in results_of(held):
            action.undo(written, by=by, at=at, subject=f"import:{held.pk}")
        held.state, held.undone_at = ImportState.UNDONE, at
        held.save()
        law.record("imports.undone", subject=f"import:{held.pk}", by=by, at=at)
    jobs.finish(held.job_id, at=at)
    return held
