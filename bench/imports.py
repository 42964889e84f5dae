"""S10: a doctor list of 20 columns from workbook to master, with checks, history and ledger."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pharmacrm.settings.dev")
    django.setup()

import xlsxwriter
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone
from python_calamine import CalamineWorkbook

from bench.measure import Figure, Measure, spent
from doctors.models import Department, Doctor, Hospital
from pharmacrm.accounts.models import User
from pharmacrm.common.ids import uuid7
from pharmacrm.common.outbox import enqueue
from pharmacrm.imports import actions
from pharmacrm.imports.actions import checking
from pharmacrm.runtime.home import ROOT

ROWS = int(os.environ.get("BENCH_IMPORT_ROWS", "100000"))
HEADERS = ["工号", "姓名", "职称", "职务", "专业", "医院编码", "医院", "科室", "手机", "电话", "邮箱", "学术任职",
           "城市", "区域", "备注一", "备注二", "来源", "更新日期", "序号", "负责部门"]  # fmt: skip
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙马朱胡林郭何高罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英"
TITLES = ["主任医师", "副主任医师", "主治医师", "住院医师"]


class _DoneError(Exception):
    """Leaves the transaction so that the bench leaves no doctors behind."""


def measure() -> dict[str, Figure]:
    """Upload, check and commit ROWS rows in a process of its own, whose memory is then the import's alone."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.imports"], check=False, stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    if done.returncode:
        raise RuntimeError("the import ended with a fault, shown above")
    return {name: Figure(**figure) for name, figure in json.loads(done.stdout.splitlines()[-1]).items()}


def run() -> dict[str, Figure]:
    """Import in a transaction that is rolled back. The floor is calamine reading the same file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "doctors.xlsx"
        _write(path)
        before = _peak()
        figures: dict[str, Figure] = {}
        try:
            with transaction.atomic():
                figures = _import(path)
                raise _DoneError
        except _DoneError:
            peak = _peak()
        parsing = spent(lambda: CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python())
    figures = {
        name: replace(one, floor=parsing.wall if one.unit == "s" else None) for name, one in figures.items()
    }
    note = f"{before:.0f} MB of it before the import"
    figures["peak memory"] = Figure(
        peak, "MB", ROWS, holds=peak <= 512 if ROWS >= 100_000 else None, note=note
    )
    return figures


def _import(path: Path) -> dict[str, Figure]:
    steward = User.objects.create(username=f"bench-{time.time_ns()}", email="bench@example.com")
    steward.groups.add(Group.objects.get_or_create(name="steward")[0])
    Hospital.objects.bulk_create(
        [Hospital(code=f"BH{n:04d}", name=f"测速第{n}医院", level="3a") for n in range(300)],
        ignore_conflicts=True,
    )
    Department.objects.get_or_create(code="BENCH", defaults={"name": "测速科", "aliases": ["心内科"]})
    at = timezone.now()
    enqueue("imports.check", import_id=uuid7())  # the first one loads every task
    shown: list[float] = []
    staged = checking.copy_rows

    def stage(job: Any, rows: Any) -> None:
        staged(job, rows)
        shown.append(time.perf_counter())

    jobs: list[Any] = []

    def check() -> None:
        with path.open("rb") as handle:
            chunks = iter(lambda: handle.read(1 << 20), b"")
            jobs.append(
                actions.upload_file(kind="doctor", file_name="doctors.xlsx", chunks=chunks, by=steward, at=at)
            )
        job = jobs[0]
        actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
        checking.copy_rows = stage
        try:
            actions.check_rows(import_id=job.pk, at=at)
        finally:
            checking.copy_rows = staged

    began = time.perf_counter()
    checked = spent(check)
    actions.commit_import(import_id=jobs[0].pk, by=steward, at=at, only_good=True)

    def write() -> None:
        with (
            connection.cursor() as cursor
        ):  # each statement checks what the end of the transaction would, not reached here
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        actions.write_rows(import_id=jobs[0].pk, at=at)

    written = spent(write)
    if Doctor.objects.filter(code__startswith="BD").count() != ROWS:
        raise AssertionError("not every row became a doctor")
    scale = 100_000 / ROWS
    scaled = "" if ROWS == 100_000 else f", scaled from {ROWS:,} rows"
    told = {
        name: f"{one.cpu * scale:.0f} s CPU with the database's{scaled}"
        for name, one in (("checked", checked), ("written", written))
    }
    return {
        "first errors shown": Figure(
            shown[0] - began, "s", 1, holds=shown[0] - began <= 5, note=f"upload and {ROWS:,} rows parsed before"
        ),
        "validated": Figure(checked.wall * scale, "s", ROWS, holds=checked.wall * scale <= 60, note=told["checked"]),
        "committed": Figure(written.wall * scale, "s", ROWS, holds=written.wall * scale <= 60, note=told["written"]),
        "rows a second, committed": Figure(
            ROWS / written.wall, "/s", ROWS, holds=ROWS / written.wall >= 1700,
            note=f"{ROWS / written.cpu:,.0f} a second of processor time",
        ),
    }  # fmt: skip


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _write(path: Path) -> None:
    chance = random.Random(20261121)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADERS)
        for n in range(1, ROWS + 1):
            name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
            hospital = chance.randrange(300)
            sheet.write_row(n, 0, [
                f"BD{n:07d}", name, chance.choice(TITLES), "", "心律失常", f"BH{hospital:04d}", f"测速第{hospital}医院",
                "心内科", f"13{chance.randrange(10**9):09d}", "", "", "", "杭州", "华东", "", "", "年会名单",
                "2026-11-01", n, "市场部",
            ])  # fmt: skip


MEASURES = [Measure("S10", "import of 100,000 rows by 20 columns", measure)]

if __name__ == "__main__":
    sys.stdout.write(json.dumps({name: asdict(figure) for name, figure in run().items()}) + "\n")
