"""Reads about imports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User

from .choices import RowState
from .faults import words_of
from .models import ImportAlias, ImportJob, ImportMapping, ImportResult, ImportRow
from .registry import Kind, kind_of, kinds


@dataclass(frozen=True)
class FaultCount:
    """How often one fault stands in one column."""

    column: str
    label: str
    code: str
    words: str
    count: int
    queue: str = ""  # name of the page on which such values are decided once


@dataclass(frozen=True)
class Cell:
    """One cell of the check grid."""

    column: str
    label: str
    text: str
    faults: tuple[str, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class GridRow:
    """One row of the check grid. A remark says what of a good row is not taken over."""

    number: int
    cells: tuple[Cell, ...]
    faults: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return not self.faults and not any(cell.faults for cell in self.cells)


@dataclass(frozen=True)
class SourceRow:
    """A row of an imported file as it was given: heading and text of each cell, and where it stood."""

    import_id: UUID
    file_name: str
    number: int
    cells: tuple[tuple[str, str], ...]


def source_row(import_subject: str, subject: str) -> SourceRow | None:
    """Return the row that an import made `subject` of, or nothing where its file is no longer kept row by row.

    `import_subject` is "import:<id>", as the ledger names it. Cost: three queries.
    """
    kind, _colon, key = import_subject.partition(":")
    job = ImportJob.objects.filter(pk=key).first() if kind == "import" else None
    result = ImportResult.objects.filter(job=job, subject=subject).first() if job else None
    row = ImportRow.objects.filter(job=job, number=result.number).first() if result else None
    if job is None or row is None:
        return None
    cells = tuple(
        (str(job.headers[int(place)]) or name, str(row.raw.get(name, "")))
        for name, place in sorted(job.mapping.items(), key=lambda one: int(one[1]))
    )
    return SourceRow(job.pk, job.file_name, row.number, cells)


def kinds_for(user: User) -> list[Kind]:
    """Return the kinds a person may import, in the order of registration."""
    return [kind for kind in kinds().values() if kind.action.may_import(user)]


def jobs_visible_to(user: User) -> QuerySet[ImportJob]:
    """Return the imports a person may see: stewards, compliance and inspectors all, others their own; newest first."""
    jobs = ImportJob.objects.select_related("job", "asked_by").order_by("-asked_at", "-pk")
    if user.has_role(Role.STEWARD, Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR):
        return jobs
    return jobs.filter(asked_by=user)


def remembered_mapping(kind: str, signature: str) -> dict[str, str]:
    """Return the header by column that was used for files of this look, or nothing."""
    kept = (
        ImportMapping.objects.filter(kind=kind, signature=signature).values_list("mapping", flat=True).first()
    )
    return dict(kept or {})


def mapping_of_a_like_file(kind: str, headers: set[str]) -> dict[str, str]:
    """Return the fullest remembered mapping whose headers all stand in this file, or nothing.

    So the workbook of faulty rows, or a list with one column more, needs no second choice. Cost: one query.
    """
    kept = ImportMapping.objects.filter(kind=kind).order_by("-updated_at").values_list("mapping", flat=True)
    fitting = [mapping for mapping in kept[:200] if headers.issuperset(mapping.values())]
    return dict(max(fitting, key=len, default={}))


def spoken_of_rows(job: ImportJob) -> QuerySet[ImportRow]:
    """Return the staged rows with a fault or a remark, in file order."""
    return ImportRow.objects.filter(job=job).exclude(faults=[]).order_by("number")


def remarked_rows(job: ImportJob) -> QuerySet[ImportRow]:
    """Return the good rows of which something is not taken over, in file order."""
    return spoken_of_rows(job).filter(state=RowState.GOOD)


def staged_rows(
    job: ImportJob, *, only_bad: bool = False, only_remarked: bool = False, column: str = "", code: str = ""
) -> QuerySet[ImportRow]:
    """Return staged rows in file order; filtered to faulty or remarked ones, or to one fault or remark in one column."""
    rows = ImportRow.objects.filter(job=job).order_by("number")
    if only_remarked:
        rows = remarked_rows(job)
    elif only_bad or code:
        rows = rows.filter(state=RowState.BAD)
    if code:
        rows = rows.filter(faults__contains=[{"column": column, "code": code}])
    return rows


def grid_row(row: ImportRow, kind: Kind, columns: list[str]) -> GridRow:
    """Return a staged row as the check grid shows it, in the reader's language."""
    faults, remarks = _words_by_column(row, blocks=True), _words_by_column(row, blocks=False)
    cells = tuple(
        Cell(
            name,
            str(kind.column(name).label),
            str(row.raw.get(name, "")),
            tuple(faults.pop(name, ())),
            tuple(remarks.pop(name, ())),
        )
        for name in columns
    )
    return GridRow(row.number, cells, _with_labels(faults, kind), _with_labels(remarks, kind))


def _words_by_column(row: ImportRow, *, blocks: bool) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for fault in row.faults:
        if fault.get("blocks", True) == blocks:
            found.setdefault(fault["column"], []).append(words_of(fault))
    return found


def _with_labels(by_column: dict[str, list[str]], kind: Kind) -> tuple[str, ...]:
    return tuple(
        f"{kind.column(name).label}: {words}" if name else words
        for name, found in by_column.items()
        for words in found
    )


def shown_columns(job: ImportJob) -> list[str]:
    """Return the mapped columns of a job in the order of the file."""
    return [name for name, _place in sorted(job.mapping.items(), key=lambda pair: int(pair[1]))]


def fault_counts(job: ImportJob) -> list[FaultCount]:
    """Return each kind of fault by column, most frequent first. Cost: one query."""
    return _counts(job, RowState.BAD, "NOT fault @> '{\"blocks\": false}'::jsonb")


def remark_counts(job: ImportJob) -> list[FaultCount]:
    """Return each kind of remark on good rows by column, most frequent first. Cost: one query."""
    return _counts(job, RowState.GOOD, "true")


def _counts(job: ImportJob, state: RowState, wanted: str) -> list[FaultCount]:
    kind = kind_of(job.kind)
    labels: dict[str, Any] = {column.name: column.label for column in kind.columns}
    queues = {column.name: column.queue for column in kind.columns}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT fault->>'column', fault->>'code', (array_agg(fault))[1]::text, count(*) "  # noqa: S608 - our words
            "FROM imports_importrow, jsonb_array_elements(faults) AS fault "
            f"WHERE job_id = %s AND state = %s AND NOT (faults = '[]'::jsonb) AND {wanted} "
            "GROUP BY 1, 2 ORDER BY 4 DESC, 1, 2",
            [job.pk, state.value],
        )
        rows = cursor.fetchall()
    return [
        FaultCount(
            column,
            str(labels.get(column, "")),
            code,
            words_of(orjson.loads(example)),
            count,
            queues.get(column, "") if code.startswith("unknown_") else "",
        )
        for column, code, example, count in rows
    ]


@dataclass(frozen=True)
class Repeated:
    """One wrong value that stands in several cells of a column."""

    column: str
    label: str
    value: str
    count: int


def repeated_faults(job: ImportJob, *, most: int = 20) -> list[Repeated]:
    """Return the wrong values that stand in two cells or more, most frequent first. Cost: one query."""
    labels: dict[str, Any] = {column.name: column.label for column in kind_of(job.kind).columns}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT fault->>'column', raw->>(fault->>'column'), count(DISTINCT number) "
            "FROM imports_importrow, jsonb_array_elements(faults) AS fault "
            "WHERE job_id = %s AND state = 'bad' AND fault->>'column' <> '' AND fault->>'code' <> 'duplicate' "
            "AND NOT fault @> '{\"blocks\": false}'::jsonb "
            "AND coalesce(raw->>(fault->>'column'), '') <> '' "
            "GROUP BY 1, 2 HAVING count(DISTINCT number) > 1 ORDER BY 3 DESC, 1, 2 LIMIT %s",
            [job.pk, most],
        )
        rows = cursor.fetchall()
    return [Repeated(column, str(labels.get(column, column)), value, count) for column, value, count in rows]


def title_of_import(key: str) -> str:
    """Return the name of the file that was taken in."""
    name = ImportJob.objects.filter(pk=key).values_list("file_name", flat=True).first()
    return _("Import %(file)s") % {"file": name} if name else ""


@dataclass(frozen=True)
class Undecided:
    """A value no normaliser knows, over all imports that wait."""

    said: str
    rows: int
    imports: int
    file_name: str


def undecided_values(kind: str, column: str, code: str, *, most: int = 200) -> list[Undecided]:
    """Return the values with one fault in a column over all imports at their check, most frequent first. Cost: one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT btrim(r.raw->>%s), count(*), count(DISTINCT j.id), (array_agg(j.file_name ORDER BY j.asked_at DESC))[1] "
            "FROM imports_importjob j JOIN imports_importrow r ON r.job_id = j.id "
            "WHERE j.kind = %s AND j.state = 'checked' AND r.state = 'bad' AND r.faults @> %s::jsonb "
            "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s",
            [column, kind, orjson.dumps([{"column": column, "code": code}]).decode(), most],
        )
        return [Undecided(*row) for row in cursor.fetchall()]


def spellings_waiting(kind: str, column: str, said: str) -> list[tuple[UUID, str]]:
    """Return (import, value as written) of the imports at their check whose faulty rows hold a value. Cost: one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT j.id, r.raw->>%s FROM imports_importjob j JOIN imports_importrow r ON r.job_id = j.id "
            "WHERE j.kind = %s AND j.state = 'checked' AND r.state = 'bad' AND btrim(r.raw->>%s) = %s ORDER BY 1, 2",
            [column, kind, column, said],
        )
        return list(cursor.fetchall())


def meanings_decided(kind: str, column: str) -> QuerySet[ImportAlias]:
    """Return what values were said to mean, newest first, with who said so."""
    return (
        ImportAlias.objects.filter(kind=kind, column=column)
        .select_related("told_by")
        .order_by("-told_at", "pk")
    )


def title_of_kind(key: str) -> str:
    """Return what a kind of import takes in."""
    found = kinds().get(key)
    return str(found.title) if found else ""
