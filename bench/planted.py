"""U9: errors planted in clean files are reported at their cells and nowhere else, and only their rows come back.

Every good cell is written in one of the spellings people use, so that a reader that is too strict is found out as well.
What a planted cell has to be called stands in PLANTS; each lies in a row of its own. All is rolled back.
"""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from python_calamine import CalamineWorkbook

from bench.measure import Figure, Measure
from doctors.models import Department, Hospital
from pharmacrm.accounts.models import Territory, User
from pharmacrm.imports import actions
from pharmacrm.imports.models import ImportJob, ImportRow
from pharmacrm.imports.workbooks import error_workbook
from tests.factories.doctors import make_doctor

ROWS = 1500
EACH = 28  # of every kind: 37 kinds, 1,036 errors
HEADERS = {
    "hospital": {"code": "医院编码", "name": "医院名称", "level": "等级", "beds": "床位数", "outpatient_volume": "年门诊量",
                 "division_code": "行政区划代码", "province": "省份", "address": "地址", "phone": "电话", "longitude": "经度",
                 "latitude": "纬度", "parent": "医联体牵头医院"},
    "doctor": {"code": "工号", "name": "姓名", "title": "职称", "post": "职务", "hospital": "医院", "hospital_code": "医院编码",
               "department": "科室", "mobile": "手机", "phone": "电话", "email": "邮箱", "territory": "片区"},
    "department": {"code": "诊疗科目代码", "name": "诊疗科目", "parent_code": "上级代码", "aliases": "俗称"},
    "transfer": {"doctor_code": "医生编码", "record_number": "流水号", "payer": "支付方", "amount": "支付金额",
                 "paid_on": "支付日期", "nature": "用途"},
}  # fmt: skip
SEPARATOR = "\x1f"  # stands for one cell too many


@dataclass(frozen=True)
class Plant:
    """One kind of error: in which column of which kind of file, what is written there, and what it has to be called."""

    kind: str
    column: str
    code: str
    text: Callable[[random.Random], str]
    beside: tuple[tuple[str, str], ...] = ()  # other cells of the row, which are right


def _one(*texts: str) -> Callable[[random.Random], str]:
    return lambda dice: dice.choice(texts)


EARLIER = "earlier"  # the key of an earlier row
PLANTS = (
    Plant("hospital", "name", "required", _one("")),
    Plant("hospital", "name", "formula", _one("=A1", "=HYPERLINK(\"http://x\")")),
    Plant("hospital", "name", "too_long", lambda _dice: "长" * 161),
    Plant("hospital", "code", "not_a_code", _one("编码 1", "H#1", "-7")),
    Plant("hospital", "code", "duplicate", _one(EARLIER)),
    Plant("hospital", "level", "unknown_level", _one("省级", "特大", "甲")),
    Plant("hospital", "beds", "not_a_number", _one("很多", "约800", "1O0", "-5")),
    Plant("hospital", "beds", "out_of_range", _one("20001", "999999")),
    Plant("hospital", "outpatient_volume", "out_of_range", _one("50000001", "9999万")),
    Plant("hospital", "division_code", "not_a_division_code", _one("3301O6", "33010", "浙江")),
    Plant("hospital", "division_code", "unknown_division", _one("998877", "001122")),
    Plant("hospital", "province", "unknown_division", _one("火星省", "Bavaria"), (("division_code", ""), ("address", ""), ("name", "测验无名医院"))),
    Plant("hospital", "longitude", "out_of_range", _one("221.5", "东经120", "181")),
    Plant("hospital", "latitude", "out_of_range", _one("91.2", "三十", "-90.5")),
    Plant("hospital", "parent", "unknown_hospital", _one("测验没有的医院")),
    Plant("hospital", "parent", "ambiguous_hospital", _one("测验同名医院")),
    Plant("hospital", "address", "bad_characters", _one("人民路\ufffd号")),
    Plant("hospital", "", "too_many_cells", _one(SEPARATOR)),
    Plant("doctor", "name", "not_a_name", _one("12345", "王@明", "——")),
    Plant("doctor", "name", "required", _one("")),
    Plant("doctor", "name", "same_doctors", _one("测同名"), (("code", ""), ("hospital", "测验第1医院"), ("hospital_code", ""), ("department", ""))),
    Plant("doctor", "title", "unknown_title", _one("大夫长", "专家", "一级")),
    Plant("doctor", "post", "unknown_post", _one("总管", "代表")),
    Plant("doctor", "mobile", "not_a_mobile", _one("1391234567", "23912345678", "无")),
    Plant("doctor", "phone", "not_a_phone", _one("12", "总机", "0571-")),
    Plant("doctor", "email", "not_an_email", _one("abc", "a@b", "王@.com")),
    Plant("doctor", "hospital", "unknown_hospital", _one("测验没有的医院"), (("hospital_code", ""),)),
    Plant("doctor", "hospital", "ambiguous_hospital", _one("测验同名医院"), (("hospital_code", ""),)),
    Plant("doctor", "hospital_code", "unknown_hospital", _one("UX99999")),
    Plant("doctor", "territory", "unknown_territory", _one("没有的片区")),
    Plant("department", "parent_code", "unknown_department", _one("U77", "U99.01")),
    Plant("transfer", "doctor_code", "unknown_doctor", _one("UD-无", "X0")),
    Plant("transfer", "amount", "not_money", _one("12.345", "一千", "-5")),
    Plant("transfer", "amount", "required_amount", _one("")),
    Plant("transfer", "paid_on", "not_a_day", _one("2026-02-30", "13/45/2026", "昨天")),
    Plant("transfer", "record_number", "duplicate", _one(EARLIER)),
    Plant("transfer", "payer", "required", _one("")),
)  # fmt: skip
CALLED = {"required_amount": ("", "no_amount")}
KEYS = {"hospital": "code", "doctor": "code", "department": "code", "transfer": "record_number"}


class _DoneError(Exception):
    """Leaves the transaction."""


def measure() -> dict[str, Figure]:
    """Plant, import, compare cell by cell; then correct the error workbook, bring it back alone, and write all."""
    planted = missed = false = wrong_rows = left = 0
    told: Counter[str] = Counter()
    kinds = {(one.kind, one.column, one.code) for one in PLANTS}
    try:
        with transaction.atomic():
            dice, steward = random.Random(9), _ground()
            for kind in HEADERS:
                clean = _clean(kind, dice)
                rows, wanted = _plant(kind, clean, dice)
                job = _checked(kind, _text(kind, rows), "planted.csv", steward)
                found = _found(job)
                planted += len(wanted)
                missed += len(wanted - found)
                false += len(found - wanted)
                told.update(f"{kind}.{column} {code}" for _row, column, code in wanted ^ found)
                faulty = {row for row, _column, _code in wanted}
                back, numbers = _corrected(kind, error_workbook(job), clean)
                wrong_rows += len(set(numbers) ^ faulty) + (len(numbers) != len(faulty))
                _write(job, steward)
                again = _checked(kind, back, "corrected.xlsx", steward)
                _write(again, steward)
                left += again.rows_bad + (len(rows) - sum(_outcomes(job)) - sum(_outcomes(again)))
            raise _DoneError
    except _DoneError:
        pass
    note = ", ".join(f"{name} × {n}" for name, n in told.most_common(8))
    return {
        "planted errors not reported at their cell": Figure(
            missed, "errors", planted, holds=missed == 0 and planted >= 1000,
            note=f"{len(kinds)} kinds in {len(HEADERS)} kinds of files of {ROWS:,} rows" + (f"; {note}" if note else ""),
        ),
        "errors reported where none is": Figure(false, "cells", len(HEADERS) * ROWS - planted, holds=false == 0),
        "rows of the error workbook that are not the faulty ones": Figure(wrong_rows, "rows", planted, holds=wrong_rows == 0),
        "rows not written once corrected and brought back alone": Figure(left, "rows", planted, holds=left == 0),
    }  # fmt: skip


def _ground() -> User:
    steward = User.objects.create(username="bench-planted", email="bench-planted@example.com")
    steward.groups.add(Group.objects.get_or_create(name="steward")[0])
    names = [f"测验第{n}医院" for n in range(200)] + ["测验同名医院", "测验同名医院"]
    hospitals = [Hospital(code=f"UH{n:04d}", name=name, level="3a") for n, name in enumerate(names)]
    Hospital.objects.bulk_create(hospitals)
    Department.objects.get_or_create(code="U01", defaults={"name": "测验内科", "aliases": ["测验内"]})
    Territory.objects.create(code="U-01", name="测验片区", path="/U-01/")
    for number in range(2):
        make_doctor("测同名", code=f"UD-{number}", hospital=hospitals[1])
    return steward


def _clean(kind: str, dice: random.Random) -> list[dict[str, str]]:
    """Return rows without fault, in the many ways people write them."""
    make: dict[str, Callable[[int], dict[str, str]]] = {
        "hospital": lambda n: {
            "code": f"UB{n:05d}", "name": dice.choice([f"测验新{n}医院", f"测验新{n}医院（东院）", f" 测验新{n}医院 "]),
            "level": dice.choice(["三甲", "三级甲等", "二级", "２级甲等", "未定级", ""]),
            "beds": dice.choice(["1200", "1,200", "８００", "600张", "", "1.2万"]),
            "outpatient_volume": dice.choice(["2300000", "230万", "2,300,000人次", ""]),
            "division_code": "", "province": "", "address": dice.choice(["", "人民路 1 号"]),
            "phone": dice.choice(["", "0571-12345678", "（0571）12345678"]),
            "longitude": dice.choice(["120.15", "-0.5", ""]), "latitude": dice.choice(["30.25", ""]),
            "parent": dice.choice(["", "测验第7医院"]),
        },
        "doctor": lambda n: {
            "code": f"UB{n:05d}", "name": dice.choice(["王晓明", "欧阳静", "阿依古丽·买买提", "Anna Lee", "张 伟"]),
            "title": dice.choice(["主任医师", "副主任医师", "主治医师", " 住院医师", ""]),
            "post": dice.choice(["科主任", "院长", ""]), "hospital": f"测验第{dice.randrange(200)}医院", "hospital_code": "",
            "department": dice.choice(["测验内科", "测验内", "别的科", ""]),
            "mobile": dice.choice([f"139{n:08d}", f"+86 139{n:08d}", f"139-{n:08d}"[:13], ""]),
            "phone": dice.choice(["0571-12345678", "（0571）12345678", ""]), "email": dice.choice([f"a{n}@example.com", ""]),
            "territory": dice.choice(["U-01", "测验片区", ""]),
        },
        "department": lambda n: {
            "code": f"U{10 + n // 90}.{10 + n % 90}", "name": f"测验{n}专业", "parent_code": dice.choice(["U01", ""]),
            "aliases": dice.choice(["", f"甲{n};乙{n}", f"丙{n}、丁{n}"]),
        },
        "transfer": lambda n: {
            "doctor_code": f"UD-{n % 2}", "record_number": f"U{n:06d}", "payer": "恒宇制药",
            "amount": dice.choice(["1500", "1,500.50", "￥300", "88.5元", "12.5000"]),
            "paid_on": dice.choice(["2026-02-28", "2026/3/1", "2026年3月1日", "03/15/2026", "2026.4.5"]),
            "nature": dice.choice(["讲课", ""]),
        },
    }  # fmt: skip
    return [make[kind](number) for number in range(ROWS)]


def _plant(
    kind: str, clean: Sequence[dict[str, str]], dice: random.Random
) -> tuple[list[dict[str, str]], set[tuple[int, str, str]]]:
    rows, wanted = [dict(row) for row in clean], set()
    plants = [one for one in PLANTS if one.kind == kind for _again in range(EACH)]
    for place, plant in zip(dice.sample(range(100, len(rows)), len(plants)), plants, strict=True):
        text, row = plant.text(dice), rows[place]
        row.update(plant.beside)
        if plant.code == "same_doctors":
            row["department"] = f"测验{place}科"  # else the planted rows would be each other's doubles
        if text == EARLIER:
            text = clean[place % 100][plant.column]
        row[plant.column] = text
        column, code = CALLED.get(plant.code, (plant.column, plant.code))
        wanted.add((place + 2, column, code))
    return rows, wanted


def _text(kind: str, rows: Sequence[dict[str, str]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEADERS[kind].values())
    for row in rows:
        writer.writerow([row[name] for name in HEADERS[kind]] + (["多"] if row.get("") == SEPARATOR else []))
    return buffer.getvalue().encode("utf-8-sig")


def _checked(kind: str, content: bytes, name: str, by: User) -> ImportJob:
    at = timezone.now()
    job = actions.upload_file(kind=kind, file_name=name, chunks=[content], by=by, at=at)
    if missing := HEADERS[kind].keys() - job.mapping.keys():
        raise AssertionError(f"{kind}: nothing was taken for {sorted(missing)}")
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=by, at=at)
    return actions.check_rows(import_id=job.pk, at=at)


def _found(job: ImportJob) -> set[tuple[int, str, str]]:
    rows = ImportRow.objects.filter(job=job, state="bad").values_list("number", "faults")
    return {(number, one["column"], one["code"]) for number, faults in rows for one in faults}


def _corrected(kind: str, workbook: bytes, clean: Sequence[dict[str, str]]) -> tuple[bytes, list[int]]:
    """Put the right text into each row of an error workbook, as a person would. Returns: the workbook, the row numbers."""
    heading, *rows = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    columns = {text: name for name, text in HEADERS[kind].items()}
    where = len(heading) - 2  # the row's number, then the reason
    buffer, numbers = io.BytesIO(), []
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, heading)
        for line, row in enumerate(rows, start=1):
            numbers.append(int(row[where]))
            right = clean[numbers[-1] - 2]
            for place, text in enumerate(heading):
                value: Any = right[columns[text]] if text in columns else row[place]
                page.write(line, place, str(value)) if value != "" else None
    return buffer.getvalue(), numbers


def _write(job: ImportJob, by: User) -> None:
    from pharmacrm.imports.actions import committing

    committing._say_aside = lambda _job_id, _done: None  # it says how far it is over a second connection
    actions.commit_import(import_id=job.pk, by=by, at=timezone.now(), only_good=True)
    actions.write_rows(import_id=job.pk, at=timezone.now())


def _outcomes(job: ImportJob) -> list[int]:
    return list(ImportJob.objects.get(pk=job.pk).outcomes.values())


MEASURES = [Measure("U9", "planted errors", measure)]
