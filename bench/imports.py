"""S10: a doctor list of 20 columns from workbook to master, with checks, history and ledger."""

from __future__ import annotations

import os
import random
import resource
import tempfile
import time
from pathlib import Path

import xlsxwriter
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from python_calamine import CalamineWorkbook

from bench.measure import Figure, Measure
from doctors.models import Department, Doctor, Hospital
from pharmacrm.accounts.models import User
from pharmacrm.imports import actions

ROWS = int(os.environ.get("BENCH_IMPORT_ROWS", "100000"))
HEADERS = ["工号", "姓名", "职称", "职务", "专业", "医院编码", "医院", "科室", "手机", "电话", "邮箱", "学术任职",
           "城市", "区域", "备注一", "备注二", "来源", "更新日期", "序号", "负责部门"]  # fmt: skip
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙马朱胡林郭何高罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英"
TITLES = ["主任医师", "副主任医师", "主治医师", "住院医师"]


class _DoneError(Exception):
    """Leaves the transaction so that the bench leaves no doctors behind."""


def measure() -> dict[str, Figure]:
    """Upload, check and commit ROWS rows; roll everything back. The floor is calamine reading the same file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "doctors.xlsx"
        _write(path)
        began = time.perf_counter()
        CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        floor = time.perf_counter() - began
        figures: dict[str, Figure] = {}
        try:
            with transaction.atomic():
                figures = _import(path, floor)
                raise _DoneError
        except _DoneError:
            return figures


def _import(path: Path, floor: float) -> dict[str, Figure]:
    steward = User.objects.create(username=f"bench-{time.time_ns()}", email="bench@example.com")
    steward.groups.add(Group.objects.get_or_create(name="steward")[0])
    Hospital.objects.bulk_create(
        [Hospital(code=f"BH{n:04d}", name=f"测速第{n}医院", level="3a") for n in range(300)],
        ignore_conflicts=True,
    )
    Department.objects.get_or_create(code="BENCH", defaults={"name": "测速科", "aliases": ["心内科"]})
    at = timezone.now()
    began = time.perf_counter()
    job = actions.upload_file(
        kind="doctor", file_name="doctors.xlsx", chunks=[path.read_bytes()], by=steward, at=at
    )
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
    job = actions.check_rows(import_id=job.pk, at=at)
    checked = time.perf_counter() - began
    actions.commit_import(import_id=job.pk, by=steward, at=at, only_good=True)
    began = time.perf_counter()
    job = actions.write_rows(import_id=job.pk, at=at)
    written = time.perf_counter() - began
    if Doctor.objects.filter(code__startswith="BD").count() != ROWS:
        raise AssertionError("not every row became a doctor")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    scale = 100_000 / ROWS
    return {
        "validated": Figure(checked * scale, "s", ROWS, floor=floor * scale, holds=checked * scale <= 60),
        "committed": Figure(written * scale, "s", ROWS, floor=floor * scale, holds=written * scale <= 60),
        "rows a second": Figure(ROWS / written, "/s", ROWS, holds=ROWS / written >= 1700),
        "peak memory": Figure(peak, "MB", ROWS, holds=peak <= 512 if ROWS >= 100_000 else None),
    }


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
