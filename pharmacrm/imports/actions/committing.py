"""Write the good rows, all of them or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from compliance import actions as law
from pharmacrm.accounts.models import User
from pharmacrm.common import jobs
from pharmacrm.common.errors import DomainError
from pharmacrm.common.outbox import enqueue
from pharmacrm.imports.choices import ImportState, RowState
from pharmacrm.imports.guard import judge_columns
from pharmacrm.imports.models import ImportJob, ImportResult, ImportRow
from pharmacrm.imports.registry import Row, Written, kind_of
from pharmacrm.imports.selectors import remarked_rows
from pharmacrm.imports.staging import copy_results, without_collecting

BATCH_ROWS = 2000
UNDO_FOR = timedelta(hours=24)


class ImportNotCommitted(DomainError):
    """The rows were not written; nothing has changed."""

    code = "import_not_committed"


@transaction.atomic
def commit_import(*, import_id: UUID, by: User, at: datetime, only_good: bool) -> ImportJob:
    """Ask for the rows to be written: all of them, or with `only_good` those without faults.

    Raises: PermissionDenied; ImportNotCommitted before the check, after the commit, without a good row, or with
    faulty rows when all are wanted; Refused when by now the law lets the file in no more.
    """
    job = ImportJob.objects.select_for_update().get(pk=import_id)
    if not kind_of(job.kind).action.may_import(by):
        raise PermissionDenied
    if job.state != ImportState.CHECKED:
        raise ImportNotCommitted(_("Only a checked import can be written."))
    if not job.rows_good:
        raise ImportNotCommitted(_("No row is good. Correct the file and upload it again."))
    if job.rows_bad and not only_good:
        raise ImportNotCommitted(_("Some rows have faults. Correct them, or write the good rows only."))
    _ask_the_law(job, by=by, at=at)
    job.state = ImportState.COMMITTING
    job.job = jobs.open_job(
        kind="imports.commit", title=job.file_name, by=by, subject=f"import:{job.pk}", total=job.rows_good
    )
    job.save()
    law.record("imports.commit_asked", subject=f"import:{job.pk}", by=by, at=at)
    enqueue("imports.commit", import_id=job.pk)
    return job


def write_rows(*, import_id: UUID, at: datetime) -> ImportJob:
    """Write all good rows of an import in one transaction: a kill at any point leaves all or nothing.

    Safe to run twice. Raises: JobCancelled; Refused when a hold was placed or a rule came into force while the job
    waited or ran. In every case nothing was written. Cost: what the kind's `write` costs for every 2,000 rows; one
    ledger entry for each of these batches and one for the import; what the law costs twice.
    """
    job = ImportJob.objects.select_related("job__asked_by").get(pk=import_id)
    if job.state != ImportState.COMMITTING or job.job is None:
        return job
    jobs.start(job.job_id, at=at, total=job.rows_good)
    # A transaction of its own: a new hold need not wait until all rows are written. Between batches it is looked for.
    with transaction.atomic():
        _ask_the_law(job, by=job.job.asked_by or job.asked_by, at=at)
    with transaction.atomic():
        held = ImportJob.objects.select_for_update(skip_locked=True).filter(pk=import_id).first()
        if held is None or held.state != ImportState.COMMITTING:
            return job
        by = job.job.asked_by or job.asked_by
        with without_collecting():
            outcomes = _write_all(held, by=by, at=at)
        held.state = ImportState.COMMITTED
        held.outcomes = dict(outcomes)
        held.rows_remarked = remarked_rows(held).count()
        held.committed_at, held.undo_until = at, at + UNDO_FOR
        held.save()
        law.record("imports.committed", subject=f"import:{held.pk}", by=by, at=at)
        _ask_the_law(held, by=by, at=at)
    jobs.advance(held.job_id, done=sum(outcomes.values()))
    jobs.finish(held.job_id, at=at, result=dict(outcomes))
    return held


def _write_all(job: ImportJob, *, by: Any, at: datetime) -> Counter[str]:
    kind = kind_of(job.kind)
    known = kind.action.prepare(at)
    outcomes: Counter[str] = Counter()
    done = 0
    for rows in _good_rows(job):
        if law.is_stopped("column.accept", subjects=[f"import:{job.pk}"], by=by, at=at):
            _ask_the_law(job, by=by, at=at)
        kind.action.check(rows, known)
        late = next((row for row in rows if not row.is_good), None)
        if late is not None:
            raise ImportNotCommitted(
                _(
                    "Row %(number)s does not fit any more, because something changed since the check. Check again."
                )
                % {"number": late.number}
            )
        written = kind.action.write(rows, known, by=by, at=at, subject=f"import:{job.pk}")
        copy_results(job, written)
        _keep_remarks(job, rows)
        outcomes.update(w.outcome for w in written)
        done += len(rows)
        _say_aside(job.job_id, done)
    return outcomes


def _ask_the_law(job: ImportJob, *, by: Any, at: datetime) -> None:
    """Judge the columns of a file that was taken in before. Raises: Refused."""
    judge_columns(job.kind, job.headers, job.sample, subject=f"import:{job.pk}", by=by, at=at)


def _good_rows(job: ImportJob) -> Iterator[list[Row]]:
    after = 0
    while True:
        page = list(
            ImportRow.objects.filter(job=job, state=RowState.GOOD, number__gt=after)
            .order_by("number")
            .values_list("number", "raw", "values")[:BATCH_ROWS]
        )
        if not page:
            return
        yield [Row(number, raw, values) for number, raw, values in page]
        after = page[-1][0]


def _keep_remarks(job: ImportJob, rows: Sequence[Row]) -> None:
    """Keep what is said of rows at their writing, where it differs from what the check said.

    Cost: one query, and two more where it differs.
    """
    staged = ImportRow.objects.filter(job=job, number__range=(rows[0].number, rows[-1].number))
    said = dict(staged.exclude(faults=[]).values_list("number", "faults"))
    now = {row.number: row.faults for row in rows if row.faults != said.get(row.number, [])}
    if now:
        differing = list(staged.filter(number__in=now))
        for one in differing:
            one.faults = now[one.number]
        ImportRow.objects.bulk_update(differing, ["faults"], batch_size=500)


def _say_aside(job_id: UUID, done: int) -> None:
    """Say how far the work is over a second connection, since this one's transaction is still open.

    Raises: JobCancelled. The open transaction has not touched the job's row, so the two never wait for each other.
    """

    def say() -> None:
        try:
            jobs.advance(job_id, done=done, stage=gettext_noop("Writing rows"))
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as aside:
        aside.submit(say).result()


def results_of(job: ImportJob) -> Iterator[list[Written]]:
    """Return what the rows became, last written first, in batches."""
    below: int | None = None
    while True:
        rows = ImportResult.objects.filter(job=job).order_by("-pk")
        page = list(rows.filter(pk__lt=below)[:BATCH_ROWS] if below else rows[:BATCH_ROWS])
        if not page:
            return
        yield [Written(row.number, row.subject, row.outcome, row.before) for row in page]
        below = page[-1].pk
