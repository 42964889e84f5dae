"""What a hold or an open case keeps of a subject, whatever its days say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from compliance.choices import CaseState
from compliance.models import Case, CaseEvidence
from compliance.selectors.holds import held_of
from compliance.subjects import Keeping, Named, also_named
from pharmacrm.common.choices import ScanState
from pharmacrm.common.files import holds_words

CLAUSE = "PIPL 47; PI-08"


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
