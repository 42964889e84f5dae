"""Divisions, departments, 300 hospitals and 3,000 invented doctors, through the import engine like any file."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Sequence
from datetime import datetime

from pharmacrm.accounts.models import User
from pharmacrm.imports import actions as imports

from .people import Company, invent_name
from .places import CITIES, DEPARTMENTS, PROVINCES, REGIONS, elsewhere, level_of

DOCTORS_IN_A_HOSPITAL = 10
TITLES = ("主任医师", "副主任医师", "副主任医师", "主治医师", "主治医师", "主治医师", "医师")
WARDS = ("内分泌科", "心内科", "肾内科", "老年医学科", "心内科", "内分泌科")
FOCUS = {
    "内分泌科": ("2 型糖尿病", "糖尿病肾病", "甲状腺疾病", "肥胖"),
    "心内科": ("高血压", "冠心病介入", "心力衰竭", "心律失常"),
    "肾内科": ("慢性肾脏病", "糖尿病肾病", "高血压肾损害"),
    "老年医学科": ("老年共病", "老年高血压", "多重用药"),
}
SOCIETIES = (
    "中华医学会内分泌学分会委员",
    "省医学会心血管病学分会委员",
    "市医学会肾脏病学分会委员",
    "中国医师协会会员",
)


def seed_master(company: Company, *, at: datetime, dice: random.Random) -> None:
    """Import the customer master as the data steward would."""
    steward = company.office["steward"]
    load("division", "行政区划.csv", ("代码", "名称"), _divisions(), by=steward, at=at)
    load("department", "诊疗科目.csv", ("科目代码", "科目名称", "别名"), DEPARTMENTS, by=steward, at=at)
    load(
        "hospital",
        "医院名录.csv",
        ("医院编码", "医院名称", "等级", "类型", "所有制", "床位数", "年门诊量", "行政区划代码"),
        _hospitals(dice),
        by=steward,
        at=at,
    )
    load(
        "doctor",
        "医生名单.csv",
        ("医生编码", "姓名", "职称", "职务", "专业", "医院", "科室", "手机", "学会任职", "片区"),
        _doctors(company, dice),
        by=steward,
        at=at,
    )


def load(
    kind: str,
    file_name: str,
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    by: User,
    at: datetime,
    stays: bool = False,
) -> None:
    """Import rows as one CSV file, or with `stays` leave it at its check, faulty rows and all.

    Raises: RuntimeError where every row had to be good and one was not.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows(rows)
    job = imports.upload_file(
        kind=kind, file_name=file_name, chunks=[text.getvalue().encode("utf-8")], by=by, at=at
    )
    job = imports.set_mapping(import_id=job.pk, mapping=job.mapping, by=by, at=at)
    job = imports.check_rows(import_id=job.pk, at=at)
    if stays:
        return
    if job.rows_bad:
        raise RuntimeError(f"{file_name}: {job.rows_bad} rows are not good.")
    imports.commit_import(import_id=job.pk, by=by, at=at, only_good=False)
    imports.write_rows(import_id=job.pk, at=at)


def _divisions() -> Iterable[tuple[str, str]]:
    yield from PROVINCES.items()
    for code, (name, _hospitals_there) in CITIES.items():
        yield code, name


def _hospitals(dice: random.Random) -> Iterable[tuple[object, ...]]:
    number = 0
    for city, (_name, names) in CITIES.items():
        for place, hospital in enumerate(names):
            number += 1
            level = level_of(city, place)
            beds = dice.randrange(1500, 4200, 50) if level == "三级甲等" else dice.randrange(400, 1200, 50)
            kind = "中医医院" if "中医" in hospital else "综合医院"
            yield (
                f"H{number:05d}",
                hospital,
                level,
                kind,
                "公立",
                beds,
                beds * dice.randrange(600, 1100),
                city,
            )


def _doctors(company: Company, dice: random.Random) -> Iterable[tuple[object, ...]]:
    number = 0
    own = {
        district: [territory for _rep, territory, code in company.reps if code == district]
        for district in company.managers
    }
    for _region, _name, districts in REGIONS:
        for district, _district_name, cities in districts:
            hospitals = [
                (hospital, level_of(city, row))
                for city in cities
                for row, hospital in enumerate(CITIES[city][1])
            ]
            for place, (hospital, level) in enumerate(hospitals):
                territory = own[district][place // 5]
                for _ in range(DOCTORS_IN_A_HOSPITAL):
                    number += 1
                    title, ward = dice.choice(TITLES), dice.choice(WARDS)
                    post = "科主任" if title == "主任医师" and dice.random() < 0.35 else ""
                    society = dice.choice(SOCIETIES) if title == "主任医师" and dice.random() < 0.6 else ""
                    focus = dice.choice(FOCUS[ward])
                    ward, focus = elsewhere(hospital, level, number) or (ward, focus)
                    mobile = f"139{dice.randrange(10**8):08d}"
                    yield (
                        f"D{number:06d}", invent_name(dice), title, post, focus, hospital, ward,
                        mobile, society, territory.code,
                    )  # fmt: skip
