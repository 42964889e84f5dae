"""What imports keep of a person who is erased: the staged rows, and the file they came in."""

from __future__ import annotations

from django.db.models import Q

from compliance.subjects import Leaving
from pharmacrm.common.files import erase_bytes
from pharmacrm.imports.models import ImportJob, ImportResult, ImportRow

GONE = "□"
LONG_ENOUGH = 3  # of a name that nobody else here bears


def forget_person(leaving: Leaving) -> dict[str, int]:
    """Blank the staged rows that became this person or hold a number or address of theirs, and destroy the files with them.

    A file holds many people and cannot be cut: it goes as a whole, its digest stays. Cost: one pass over staged rows.
    """
    wanted = Q(pk__in=[])
    for job_id, number in ImportResult.objects.filter(subject=leaving.subject).values_list("job", "number"):
        wanted |= Q(job=job_id, number=number)
    for word in (*leaving.own_words, *(name for name in leaving.sole_names if len(name) >= LONG_ENOUGH)):
        wanted |= Q(raw__icontains=word)
    rows = list(ImportRow.objects.filter(wanted))
    for row in rows:
        row.raw, row.values = dict.fromkeys(row.raw, GONE), {}
        row.faults = [
            {**fault, "params": dict.fromkeys(fault.get("params") or {}, GONE)} for fault in row.faults
        ]
    ImportRow.objects.bulk_update(rows, ["raw", "values", "faults"], batch_size=500)
    ImportResult.objects.filter(subject=leaving.subject).update(before={})
    jobs = list(ImportJob.objects.filter(pk__in={row.job_id for row in rows}).select_related("file"))
    for job in jobs:
        job.sample = []
        job.save(update_fields=["sample", "updated_at"])
        erase_bytes(job.file)
    return {"import_rows": len(rows), "import_files": len(jobs)}
