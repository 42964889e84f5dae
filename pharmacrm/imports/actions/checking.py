"""Settle which header means which column, then stage and check every row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from compliance import actions as law
from compliance.rules import CellScan
from pharmacrm.accounts.models import User
from pharmacrm.common import jobs
from pharmacrm.common.choices import JobState
from pharmacrm.common.errors import DomainError
from pharmacrm.common.outbox import enqueue
from pharmacrm.imports.choices import ImportState, RowState
from pharmacrm.imports.guard import RefusedColumns, judge_cells, judge_hidden_columns, keep_apart
from pharmacrm.imports.models import ImportJob, ImportMapping, ImportRow
from pharmacrm.imports.reading import Table, formulas_of
from pharmacrm.imports.registry import Kind, Row, kind_of
from pharmacrm.imports.selectors import remarked_rows
from pharmacrm.imports.staging import (
    CHUNK_ROWS,
    copy_rows,
    opened,
    read_cells,
    read_rows,
    remembered_aliases,
    without_collecting,
)

MAY_BE_MAPPED = {ImportState.MAPPING, ImportState.CHECKED, ImportState.FAILED, ImportState.CANCELLED}


class MappingNotComplete(DomainError):
    """The columns are not settled yet; nothing has changed."""

    code = "mapping_not_complete"


@transaction.atomic
def set_mapping(
    *, import_id: UUID, mapping: Mapping[str, int], by: User, at: datetime, name: str = ""
) -> ImportJob:
    """Settle the columns, remember them for files of the same look, and ask for the check.

    Raises: PermissionDenied; MappingNotComplete when a required column has no header, a header serves two
    columns, or the import is past this step.
    """
    job = ImportJob.objects.select_for_update().get(pk=import_id)
    kind = kind_of(job.kind)
    if not kind.action.may_import(by):
        raise PermissionDenied
    if job.state not in MAY_BE_MAPPED:
        raise MappingNotComplete(_("This import is past the choice of columns."))
    places = {column: int(place) for column, place in mapping.items() if column in kind.column_names}
    _check_mapping(kind, places, len(job.headers))
    job.mapping = places
    job.state = ImportState.CHECKING
    job.failure = ""
    job.job = jobs.open_job(kind="imports.check", title=job.file_name, by=by, subject=f"import:{job.pk}")
    job.save()
    ImportMapping.objects.update_or_create(
        kind=job.kind,
        signature=job.signature,
        defaults={
            "mapping": {column: job.headers[place] for column, place in places.items()},
            "used_by": by,
            **({"name": name} if name else {}),
        },
    )
    law.record("imports.mapping_set", subject=f"import:{job.pk}", by=by, at=at)
    enqueue("imports.check", import_id=job.pk)
    return job


def check_rows(*, import_id: UUID, at: datetime) -> ImportJob:
    """Stage and check all rows of an import. Safe to run twice: after a kill it goes on behind the rows staged last.

    Raises: JobCancelled when the person asked to stop; the rows staged so far stay to be looked at. Refused when a column
    turns out to hold what may not be stored: no row stays, and the bytes go apart into a case.
    Cost: one pass over the file; a few queries and one COPY for every 2,000 rows; to go on, one pass over what stands.
    """
    with exclusive(import_id) as is_free:
        job = ImportJob.objects.select_related("file", "job").get(pk=import_id)
        if not is_free or job.state != ImportState.CHECKING or job.job is None:
            return job
        kind = kind_of(job.kind)
        if job.job.state != JobState.RUNNING:  # it runs already where a worker was killed in the middle
            with transaction.atomic():
                ImportRow.objects.filter(job=job).delete()
                jobs.start(job.job_id, at=at)
        with without_collecting(), opened(job) as table:
            known, scan = kind.action.prepare(at), CellScan()
            seen, last = _staged_before(job, kind, known)
            total, good, remarked = _counts(job)
            reading = read_rows(
                table, job, kind, formulas_of(table), remembered_aliases(job.kind), after=last
            )
            for rows in _chunks(reading):
                judge_cells(rows, kind, scan)
                with transaction.atomic():
                    kind.action.check(rows, known)
                    _mark_duplicates(rows, kind, seen)
                    copy_rows(job, rows)
                total += len(rows)
                good += sum(row.is_good for row in rows)
                remarked += sum(row.is_remarked for row in rows)
                jobs.advance(job.job_id, done=total, stage=gettext_noop("Checking rows"))
            _refuse_hidden_columns(job, table, at)
        with transaction.atomic():
            job = ImportJob.objects.select_for_update().get(pk=import_id)
            job.rows_total, job.rows_good, job.rows_bad = total, good, total - good
            job.rows_remarked = remarked
            job.state = ImportState.CHECKED
            job.save()
            jobs.advance(job.job_id, done=total, total=total)
            jobs.finish(job.job_id, at=at, result={"good": good, "bad": total - good})
    return job


def _refuse_hidden_columns(job: ImportJob, table: Table, at: datetime) -> None:
    """Take a file away whose column turned out to hold what may not be stored. Raises: Refused; no row stays staged."""
    by = job.job.asked_by if job.job and job.job.asked_by else job.asked_by
    try:
        judge_hidden_columns(job, by=by, at=at)
    except RefusedColumns as refusal:
        with transaction.atomic():
            keep_apart(refusal, path=table.path, file_name=job.file_name, by=by, at=at)
            ImportRow.objects.filter(job=job).delete()
            ImportJob.objects.filter(pk=job.pk).update(sample=[])
        raise


@transaction.atomic
def correct_cell(
    *, import_id: UUID, number: int, column: str, text: str, by: User, at: datetime
) -> ImportRow:
    """Correct one cell of a staged row and check the row again.

    Raises: PermissionDenied; MappingNotComplete when the import is not at its check or has no such column.
    """
    job = ImportJob.objects.select_for_update().get(pk=import_id)
    kind = kind_of(job.kind)
    if not kind.action.may_import(by):
        raise PermissionDenied
    if job.state != ImportState.CHECKED or column not in job.mapping:
        raise MappingNotComplete(_("This cell cannot be corrected now."))
    staged = ImportRow.objects.select_for_update().filter(job=job, number=number).first()
    if staged is None:
        raise MappingNotComplete(_("This cell cannot be corrected now."))
    was_good = staged.state == RowState.GOOD
    row = Row(number, {**staged.raw, column: text.strip()})
    read_cells(row, kind)
    judge_cells([row], kind, CellScan())
    known = kind.action.prepare(at)
    others = ImportRow.objects.filter(job=job).exclude(pk=staged.pk)
    kind.action.take_note(others.values_list("values", flat=True).iterator(), known)
    kind.action.check([row], known)
    mark_duplicate_of_staged(row, kind, job)
    staged.raw, staged.values, staged.faults = row.raw, row.values, row.faults
    staged.state = RowState.GOOD if row.is_good else RowState.BAD
    staged.save()
    job.rows_good += int(row.is_good) - int(was_good)
    job.rows_bad = job.rows_total - job.rows_good
    job.rows_remarked = remarked_rows(job).count()
    job.save(update_fields=["rows_good", "rows_bad", "rows_remarked", "updated_at"])
    law.record("imports.cell_corrected", subject=f"import:{job.pk}", by=by, at=at)
    return staged


@contextmanager
def exclusive(import_id: UUID) -> Iterator[bool]:
    """Hold the one right to work on an import, over several transactions; say False when another worker has it."""
    key = import_id.int & 0x7FFF_FFFF_FFFF_FFFF
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        is_free = bool(cursor.fetchone()[0])
    try:
        yield is_free
    finally:
        if is_free and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _check_mapping(kind: Kind, places: Mapping[str, int], width: int) -> None:
    missing = [str(column.label) for column in kind.columns if column.required and column.name not in places]
    if missing:
        raise MappingNotComplete(
            _("Say which column of the file holds: %(names)s.") % {"names": ", ".join(missing)}
        )
    if len(set(places.values())) != len(places):
        raise MappingNotComplete(_("One column of the file is chosen twice."))
    if any(not 0 <= place < width for place in places.values()):
        raise MappingNotComplete(_("The file has no such column."))
    if not places:
        raise MappingNotComplete(_("Choose at least one column."))


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    size = 200  # the first rows come soon, so that the first faults show within seconds
    for row in rows:
        chunk.append(row)
        if len(chunk) >= size:
            yield chunk
            chunk, size = [], CHUNK_ROWS
    if chunk:
        yield chunk


def _staged_before(job: ImportJob, kind: Kind, known: Any) -> tuple[dict[str, int], int]:
    """Return the keys of the rows that stand staged, each with its first row, and the number of the last row."""
    seen: dict[str, int] = {}
    last = 0
    staged = ImportRow.objects.filter(job=job).order_by("number").values_list("number", "raw", "values")
    for number, raw, values in staged.iterator(chunk_size=CHUNK_ROWS):
        named = kind.action.key_of(Row(number, raw, values))
        if named is not None:
            seen.setdefault(named[1], number)
        last = number
    if last:
        rows = ImportRow.objects.filter(job=job).values_list("values", flat=True)
        kind.action.take_note(rows.iterator(chunk_size=CHUNK_ROWS), known)
    return seen, last


def _counts(job: ImportJob) -> tuple[int, int, int]:
    staged = ImportRow.objects.filter(job=job)
    return staged.count(), staged.filter(state=RowState.GOOD).count(), remarked_rows(job).count()


def _mark_duplicates(rows: Iterable[Row], kind: Kind, seen: dict[str, int]) -> None:
    for row in rows:
        named = kind.action.key_of(row)
        if named is None:
            continue
        column, key = named
        first = seen.setdefault(key, row.number)
        if first != row.number:
            row.fault(column, "duplicate", other=first)


def mark_duplicate_of_staged(row: Row, kind: Kind, job: ImportJob) -> None:
    """Say of a corrected row when an earlier one of the file has the same key already."""
    named = kind.action.key_of(row)
    if named is None:
        return
    others = ImportRow.objects.filter(job=job, number__lt=row.number, values__contains={
        name: row.values[name] for name in row.values if name == named[0]
    })  # fmt: skip
    for other in others.order_by("number")[:50]:
        if kind.action.key_of(Row(other.number, other.raw, other.values)) == named:
            row.fault(named[0], "duplicate", other=other.number)
            return
