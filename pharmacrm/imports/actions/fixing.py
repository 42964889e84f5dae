"""Correct one wrong value wherever it stands, and remember what it meant."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.rules import CellScan
from pharmacrm.accounts.models import User
from pharmacrm.imports.choices import ImportState, RowState
from pharmacrm.imports.guard import judge_cells
from pharmacrm.imports.models import ImportAlias, ImportJob, ImportRow
from pharmacrm.imports.registry import Kind, Row, kind_of
from pharmacrm.imports.selectors import remarked_rows
from pharmacrm.imports.staging import read_cells

from .checking import MappingNotComplete, mark_duplicate_of_staged

MOST_AT_ONCE = 20_000
LONGEST_REMEMBERED = 200
BATCH = 2000


@transaction.atomic
def fix_everywhere(
    *, import_id: UUID, column: str, wrong: str, text: str, by: User, at: datetime, remember: bool = False
) -> int:
    """Correct a value in every faulty row whose column holds exactly it, and check those rows again.

    With `remember` the next file of this kind is read with the same meaning. Returns: how many rows were corrected,
    20,000 at most; the rest stands for the next time. Raises: PermissionDenied; MappingNotComplete when the import is
    not at its check, has no such column, or nothing else is said. Cost: a few queries for every 2,000 rows.
    """
    job = ImportJob.objects.select_for_update().get(pk=import_id)
    kind = kind_of(job.kind)
    if not kind.action.may_import(by):
        raise PermissionDenied
    meant = text.strip()
    if job.state != ImportState.CHECKED or column not in job.mapping:
        raise MappingNotComplete(_("This cell cannot be corrected now."))
    if not meant or meant == wrong.strip():
        raise MappingNotComplete(_("Say what the value means."), field="text")
    staged = list(
        ImportRow.objects.select_for_update()
        .filter(job=job, state=RowState.BAD, raw__contains={column: wrong})
        .order_by("number")[:MOST_AT_ONCE]
    )
    known = kind.action.prepare(at)
    kind.action.take_note(
        ImportRow.objects.filter(job=job).values_list("values", flat=True).iterator(), known
    )
    good = 0
    for start in range(0, len(staged), BATCH):
        good += _correct(staged[start : start + BATCH], column, meant, job, kind, known)
    job.rows_good += good
    job.rows_bad = job.rows_total - job.rows_good
    job.rows_remarked = remarked_rows(job).count()
    job.save(update_fields=["rows_good", "rows_bad", "rows_remarked", "updated_at"])
    if remember and 0 < len(wrong.strip()) <= LONGEST_REMEMBERED and len(meant) <= LONGEST_REMEMBERED:
        ImportAlias.objects.update_or_create(
            kind=job.kind,
            column=column,
            said=wrong.strip(),
            defaults={"meant": meant, "told_by": by, "told_at": at},
        )
    law.record("imports.cells_corrected", subject=f"import:{job.pk}", by=by, at=at)
    return len(staged)


def _correct(
    staged: list[ImportRow], column: str, meant: str, job: ImportJob, kind: Kind, known: object
) -> int:
    rows = [Row(one.number, {**one.raw, column: meant}) for one in staged]
    for row in rows:
        read_cells(row, kind)
    judge_cells(rows, kind, CellScan())
    kind.action.check(rows, known)
    good = 0
    for one, row in zip(staged, rows, strict=True):
        named = kind.action.key_of(row)
        if named is not None and named[0] == column:
            mark_duplicate_of_staged(row, kind, job)
        else:
            row.faults += [fault for fault in one.faults if fault["code"] == "duplicate"]
        one.raw, one.values, one.faults = row.raw, row.values, row.faults
        one.state = RowState.GOOD if row.is_good else RowState.BAD
        good += row.is_good
    ImportRow.objects.bulk_update(staged, ["raw", "values", "faults", "state"], batch_size=500)
    return good
