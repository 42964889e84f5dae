"""J3: a published year of transfers of value imported; each physician's total and counts, to the cent."""

from __future__ import annotations

import csv
import os
from decimal import Decimal
from pathlib import Path

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from activities.choices import TransferCategory
from activities.selectors.transfers import totals_by_doctor
from bench.measure import Figure, Measure, data_folder, spent
from doctors.models import Doctor
from pharmacrm.accounts.models import User
from pharmacrm.imports import actions
from pharmacrm.imports.actions import committing
from pharmacrm.imports.models import ImportJob

FILES = ("ia_general_payments_2013_2015_open.csv", "ia_research_payments_open.csv")
PUBLISHED = "ia_physicians_published_totals_open.csv"


class _DoneError(Exception):
    """Leaves the transaction, so that the bench leaves no physician behind."""


def measure() -> dict[str, Figure]:
    """Import both files through the engine, by the columns it guesses, and compare with the published table."""
    folder = data_folder("03_transfers_of_value")
    figures: dict[str, Figure] = {}
    aside, committing._say_aside = committing._say_aside, lambda _job_id, _done: None
    try:
        with transaction.atomic():
            figures = _compared(folder)
            raise _DoneError
    except _DoneError:
        pass
    finally:
        committing._say_aside = aside
    return figures


def _compared(folder: Path) -> dict[str, Figure]:
    published = list(csv.DictReader((folder / PUBLISHED).open(encoding="utf-8", newline="")))
    compliance = User.objects.create(username=f"bench-{os.getpid()}", email="bench@example.com")
    compliance.groups.add(Group.objects.get_or_create(name="compliance")[0])
    Doctor.objects.bulk_create([Doctor(code=row["Physician_Profile_ID"]) for row in published])
    rows = 0
    seconds = 0.0
    for name in FILES:
        job, taken = _imported(folder / name, compliance)
        seconds += taken
        if job.rows_bad:
            raise AssertionError(f"{name}: {job.rows_bad} rows have faults")
        rows += job.rows_total
    found: dict[tuple[str, str], tuple[int, int]] = {
        (one.doctor_code, one.category): (one.amount_minor, one.count)
        for one in totals_by_doctor("cms_open_payments")
    }
    right = 0
    for row in published:
        code = row["Physician_Profile_ID"]
        general = found.get((code, TransferCategory.GENERAL), (0, 0))
        research = found.get((code, TransferCategory.RESEARCH), (0, 0))
        # Five published totals carry the noise of a binary sum (9593.54000000001): they are read to the cent.
        cents = int(Decimal(row["Total_Amount_of_Payment_USDollars"]).quantize(Decimal("0.01")) * 100)
        right += (general[0] + research[0], general[1], research[1]) == (
            cents, int(row["General"]), int(row["Research"]),
        )  # fmt: skip
    return {
        "physicians whose total and counts are right": Figure(
            right, "physicians", len(published), holds=right == len(published), note=f"{rows:,} payments"
        ),
        "imported": Figure(rows / seconds, "rows/s", rows, note=f"{seconds:.0f} s from upload to commit"),
    }


def _imported(path: Path, by: User) -> tuple[ImportJob, float]:
    at = timezone.now()
    jobs: list[ImportJob] = []

    def carry() -> None:
        with path.open("rb") as handle:
            chunks = iter(lambda: handle.read(1 << 20), b"")
            job = actions.upload_file(kind="transfer", file_name=path.name, chunks=chunks, by=by, at=at)
        actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=by, at=at)
        actions.check_rows(import_id=job.pk, at=at)
        actions.commit_import(import_id=job.pk, by=by, at=at, only_good=False)
        jobs.append(actions.write_rows(import_id=job.pk, at=at))

    spending = spent(carry)
    return jobs[0], spending.wall


MEASURES = [Measure("J3", "transfers of value against the published totals", measure)]
