"""Files that came with one doctor's records: proofs of consent, attachments of proposals, evidence of challenges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from doctors.models import Challenge, ChangeAttachment, ConsentRecord, Doctor, DoctorList
from pharmacrm.common import files
from pharmacrm.common.choices import ScanState
from pharmacrm.common.models import StoredFile
from pharmacrm.common.outbox import enqueue


def files_of(doctor: Doctor) -> tuple[list[StoredFile], int]:
    """Return the files of one doctor that still have bytes, and how many more are another doctor's too and stay."""
    whose: dict[UUID, set[UUID]] = {}
    for model, file, owner in (
        (ConsentRecord, "proof_id", "doctor_id"),
        (ChangeAttachment, "file_id", "request__doctor_id"),
        (Challenge, "evidence_id", "doctor_id"),
    ):
        own = model.objects.filter(**{owner: doctor.pk, f"{file}__isnull": False}).values_list(
            file, flat=True
        )
        for one, whom in model.objects.filter(**{f"{file}__in": list(own)}).values_list(file, owner):
            whose.setdefault(one, set()).add(whom)
    alone = [file for file, doctors in whose.items() if doctors == {doctor.pk}]
    rows = StoredFile.objects.filter(pk__in=alone).exclude(scan_state=ScanState.ERASED)
    return list(rows.order_by("pk")), len(whose) - len(alone)


def end_files(doctor: Doctor, *, key: bytes | None) -> tuple[list[str], int]:
    """Destroy a doctor's files, or put them away under the doctor's key while the law keeps records.

    Returns: the digests put away, and how many files are shared with others and stay.
    """
    own, shared = files_of(doctor)
    for one in own:
        if key is None:
            files.erase_bytes(one)
        else:
            files.put_away(one, key=key)
    return [one.sha256 for one in own], shared


def destroy_away(digests: Iterable[str]) -> int:
    """Delete what was put away; its key is destroyed in the same act. Returns: how many."""
    count = 0
    for count, sha256 in enumerate(digests, start=1):  # noqa: B007 - the last number is the count
        enqueue("common.destroy_bytes", sha256=sha256, away=True)
    return count


def rename_lists(doctor: Doctor, *, names: Iterable[str]) -> int:
    """Give lists that are called after the doctor a name of their own. Returns: how many.

    A filter that searched for the name finds nobody any more; its words are masked with all others.
    """
    wanted = [name for name in names if len(name) > 1]
    rows: list[Any] = [
        one
        for one in DoctorList.objects.select_for_update().order_by("pk")
        if any(name in one.name for name in wanted)
    ]
    for one in rows:
        one.name = f"□ {one.pk.hex[-8:]}"
        one.save()
    return len(rows)
