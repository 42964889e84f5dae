"""The .xls of old: merged titles, a header of two rows, days as days, and its faulty rows brought back."""

from datetime import date
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from activities.models import TransferOfValue
from doctors.models import Hospital
from pharmacrm.accounts.choices import Role
from pharmacrm.imports import actions
from pharmacrm.imports.models import ImportJob, ImportRow
from pharmacrm.imports.workbooks import error_workbook
from tests.factories.doctors import make_doctor
from tests.factories.imports import workbook
from tests.imports.old_books import old_workbook

pytestmark = pytest.mark.django_db

TITLED = [
    ["云溪市医疗机构名单（2026 年 3 月）"],
    ["机构名称", "基本情况", "", "", "联系方式"],
    ["", "医院等级", "开放床位", "地址", "联系电话"],
    ["云溪市第一人民医院", "三甲", 1200.0, "人民路 1 号", "0571-12345678"],
    ["青石县人民医院", "二级甲等", 400.0, "青石路 2 号", ""],
    ["白塔镇卫生院", "特九", 20.0, "白塔街 3 号", ""],
]
MERGED = [(0, 0, 0, 4), (1, 1, 1, 3), (1, 2, 0, 0)]  # first row, last row, first column, last column


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


def checked(by, at, content, name, kind="hospital"):
    job = actions.upload_file(kind=kind, file_name=name, chunks=[content], by=by, at=at)
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=by, at=at)
    return actions.check_rows(import_id=job.pk, at=at)


def written(by, at, job):
    actions.commit_import(import_id=job.pk, by=by, at=at, only_good=True)
    return actions.write_rows(import_id=job.pk, at=at)


def test_a_header_of_two_rows_under_a_merged_title_is_found_in_an_old_workbook(steward, at):
    content = old_workbook(TITLED, merged=MERGED, sheet="名单")

    job = actions.upload_file(kind="hospital", file_name="名单.xls", chunks=[content], by=steward, at=at)

    assert (job.header_row, job.header_height, job.sheet) == (2, 2, "名单")
    assert {"name": 0, "level": 1, "beds": 2, "address": 3, "phone": 4}.items() <= job.mapping.items()


def test_good_rows_of_an_old_workbook_are_written_and_a_wrong_cell_is_named(steward, at):
    job = checked(steward, at, old_workbook(TITLED, merged=MERGED), "名单.xls")

    job = written(steward, at, job)

    [wrong] = ImportRow.objects.filter(job=job, state="bad")
    assert (wrong.number, [fault["column"] for fault in wrong.faults]) == (6, ["level"])
    assert list(Hospital.objects.order_by("beds").values_list("name", "level", "beds")) == [
        ("青石县人民医院", "2a", 400),
        ("云溪市第一人民医院", "3a", 1200),
    ]


def test_the_faulty_rows_of_an_old_workbook_come_back_corrected_and_alone(steward, at):
    job = written(steward, at, checked(steward, at, old_workbook(TITLED, merged=MERGED), "名单.xls"))
    given = ImportJob.objects.get(pk=job.pk)
    errors = error_workbook(given)
    headings, row = _cells(errors)

    again = checked(
        steward, at, workbook([headings, ["一级" if text == "特九" else text for text in row]]), "改.xlsx"
    )
    again = written(steward, at, again)

    assert (again.rows_total, again.rows_bad, again.outcomes) == (1, 0, {"created": 1})
    assert Hospital.objects.get(name="白塔镇卫生院").level == "1"
    assert Hospital.objects.count() == 3


def test_a_day_in_an_old_workbook_is_read_as_that_day(steward, at):
    make_doctor("王晓明", code="D1")
    rows = [
        ["医生编码", "记录编号", "支付方", "支付金额", "支付日期"],
        ["D1", "R1", "恒宇制药", 1500.5, date(2026, 2, 28)],
        ["D1", "R2", "恒宇制药", "1,500.50", "2026年3月1日"],
    ]

    written(steward, at, checked(steward, at, old_workbook(rows), "支付.xls", kind="transfer"))

    found = TransferOfValue.objects.order_by("record_number").values_list("paid_on", "amount_minor")
    assert list(found) == [(date(2026, 2, 28), 150050), (date(2026, 3, 1), 150050)]


def _cells(content):
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
