"""P10: an inspector's pack out of a ledger of company size, and its check by plain Python alone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from bench.ledger import FILL
from bench.load import person
from bench.measure import Figure, Measure
from compliance.actions.guarding import guard_tables
from compliance.actions.inspection import ask_for_pack, make_pack
from compliance.actions.sealing import seal
from compliance.models import LedgerEntry
from compliance.selectors.log import published_key
from doctors import actions as doctors
from pharmacrm.common import files

ENTRIES = int(os.environ.get("BENCH_LEDGER_ENTRIES", "200000"))
ACTS = int(os.environ.get("BENCH_PACK_ACTS", "300"))
AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def inspectors_packs() -> dict[str, Figure]:
    """Fill the ledger, act on one doctor again and again, and make a pack of the doctor, of the person who acted, of a day."""
    guard_tables()
    figures = {}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(FILL, [ENTRIES])
            cursor.execute("ANALYZE compliance_ledgerentry; ANALYZE compliance_unsealedentry")
        steward, officer = person("bench-steward", "steward"), person("bench-officer", "compliance")
        doctor = doctors.create_doctor(name="欧阳甲", by=steward, at=AT)
        for number in range(ACTS):
            doctors.rename_doctor(
                doctor_id=doctor.pk, name=f"欧阳{number}", by=steward, at=AT + timedelta(seconds=number)
            )
        seal(at=AT + timedelta(hours=1), sign_now=True, anchor=False)
        for name, scope in (
            ("of a doctor", {"subject": f"doctor:{doctor.pk}", "since": None, "until": None}),
            ("of a person", {"subject": f"user:{steward.pk}", "since": None, "until": None}),
            ("of a day", {"subject": f"doctor:{doctor.pk}", "since": AT.date(), "until": AT.date()}),
        ):
            figures[f"pack {name}"] = _pack(scope, officer)
        transaction.set_rollback(True)
    return figures


def _pack(scope: dict[str, Any], officer: Any) -> Figure:
    began = time.perf_counter()
    asked = ask_for_pack(**scope, reason="bench", by=officer, at=AT + timedelta(hours=2))
    pack = make_pack(pack_id=asked.pk, at=AT + timedelta(hours=2))
    made = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        with files.open_verified(pack.file) as content:
            zipfile.ZipFile(content).extractall(folder)
        began = time.perf_counter()
        check = subprocess.run(
            [sys.executable, "-I", str(Path(folder, "verify.py")), "pack", folder, "--key", published_key()],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env={},
        )
        checked = time.perf_counter() - began
    acts = pack.counts["acts"]
    said = "agrees" if check.returncode == 0 else check.stdout[-200:] + check.stderr[-200:]
    note = f"out of {LedgerEntry.objects.count():,} entries; plain Python in {checked:.1f} s: {said}"
    return Figure(made, "s", acts, holds=made <= 30 and check.returncode == 0 and acts >= ACTS, note=note)


MEASURES = [Measure("P10", "inspector's pack, made and verified", inspectors_packs)]
