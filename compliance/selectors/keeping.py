"""What a hold or an open case keeps of a subject, and which of the kernel's own records are over their term."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.timezone import get_default_timezone

from compliance.choices import CaseState
from compliance.models import Case, CaseEvidence
from compliance.selectors.holds import held_of
from compliance.subjects import Keeping, Named, also_named
from pharmacrm.common.choices import ScanState
from pharmacrm.common.files import holds_words

CLAUSE = "个人信息保护法 第47条; PI-08"


def kept_by_hold_or_case(subject: str, at: datetime) -> Iterator[Keeping]:
    """Yield what stops a subject from being destroyed: holds in force and cases that are not closed. Cost: two queries."""
    names = also_named(subject)
    yield Keeping("hold", CLAUSE, "", len(held_of(names, at, until_commit=True)))
    open_cases = Case.objects.filter(subject__in=names).exclude(state=CaseState.CLOSED)
    yield Keeping("case", CLAUSE, "", open_cases.count())


def kept_case_files(named: Named, at: datetime) -> Iterator[Keeping]:
    """Yield the files of open cases that name a person: evidence stays as long as the case. Cost: one pass over their bytes."""
    rows = CaseEvidence.objects.filter(file__isnull=False).exclude(case__state=CaseState.CLOSED)
    files = {
        row.file_id: row.file
        for row in rows.exclude(file__scan_state=ScanState.ERASED).select_related("file")
    }
    yield Keeping(
        "case_file", CLAUSE, "", sum(1 for one in files.values() if one and holds_words(one, named.words))
    )


def moment_of(day: date) -> datetime:
    """Return when a day begins here."""
    return datetime.combine(day, time.min, tzinfo=get_default_timezone())


def next_keys(rows: models.QuerySet[Any], after: str, most: int) -> list[str]:
    """Return the next keys in key order. Cost: one query."""
    rows = rows.filter(pk__gt=UUID(after)) if after else rows
    return [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)[:most]]


def cases_over(before: date, after: str, most: int) -> list[str]:
    """Return the next cases with a key that were closed before a day."""
    rows = Case.objects.filter(
        state=CaseState.CLOSED, closed_at__lt=moment_of(before), data_key__isnull=False
    )
    return next_keys(rows, after, most)


def names_of_cases(keys: list[str]) -> dict[str, tuple[str, ...]]:
    """Return what a hold on a case may name: the case, and what it is about."""
    rows = Case.objects.filter(pk__in=keys).values_list("pk", "subject")
    return {str(pk): (f"case:{pk}", subject) for pk, subject in rows}
