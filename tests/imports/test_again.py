"""The second look at a file: a corrected cell, the faulty rows brought back, a list with one column more."""

import pytest

from pharmacrm.accounts.choices import Role
from pharmacrm.imports import actions, tasks, workbooks
from tests.factories.imports import text_table

pytestmark = pytest.mark.django_db

DEPARTMENTS = [
    ["诊疗科目代码", "诊疗科目", "上级代码"],
    ["03", "内科", ""],
    ["03.09", "内分泌专业", "31"],
]


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


def upload(by, at, rows, kind):
    return actions.upload_file(kind=kind, file_name="list.csv", chunks=[text_table(rows)], by=by, at=at)


def test_a_corrected_cell_may_rest_on_another_row_of_the_file(steward, at):
    job = upload(steward, at, DEPARTMENTS, "department")
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
    actions.check_rows(import_id=job.pk, at=at)

    good = actions.correct_cell(
        import_id=job.pk, number=3, column="parent_code", text="03", by=steward, at=at
    )

    assert good.state == "good"
    assert good.faults == []


def test_a_chosen_mapping_serves_a_file_with_a_column_more(steward, at):
    rows = [["姓名", "擅长", "医院"], ["王晓明", "心律失常", ""]]
    job = upload(steward, at, rows, "doctor")
    chosen = {"name": 0, "specialty": 1, "hospital": 2}
    actions.set_mapping(import_id=job.pk, mapping=chosen, by=steward, at=at)

    again = upload(steward, at, [["原因", *rows[0]], ["", *rows[1]]], "doctor")

    assert again.mapping == {"name": 1, "specialty": 2, "hospital": 3}


def test_a_poorer_mapping_does_not_stand_against_a_fuller_guess(steward, at):
    job = upload(steward, at, [["姓名"], ["王晓明"]], "doctor")
    actions.set_mapping(import_id=job.pk, mapping={"name": 0}, by=steward, at=at)

    again = upload(steward, at, [["姓名", "职称"], ["王晓明", "主任医师"]], "doctor")

    assert again.mapping == {"name": 0, "title": 1}


def test_the_workbook_of_faulty_rows_is_read_with_its_own_header_and_columns(steward, at):
    rows = [["HospitalName", "Extra"], ["城东医院", "1"], ["City", "2"], ["City", "3"], ["City", "4"]]
    job = upload(steward, at, rows, "hospital")
    actions.set_mapping(import_id=job.pk, mapping={"name": 0}, by=steward, at=at)
    tasks.check(import_id=str(job.pk))
    job.refresh_from_db()

    again = actions.upload_file(
        kind="hospital",
        file_name="again.xlsx",
        chunks=[workbooks.error_workbook(job)],
        by=steward,
        at=at,
    )

    assert job.rows_bad == 2
    assert (again.headers[0], again.header_row) == ("HospitalName", 1)
    assert again.mapping == {"name": 0}


def test_a_fuller_guess_that_lacks_what_is_required_does_not_stand_against_a_chosen_mapping(steward, at):
    job = upload(steward, at, [["某列", "地址"], ["湖滨医院", "湖滨路1号"]], "hospital")
    actions.set_mapping(import_id=job.pk, mapping={"name": 0}, by=steward, at=at)

    again = upload(steward, at, [["某列", "地址", "电话"], ["湖滨医院", "湖滨路1号", "1"]], "hospital")

    assert again.mapping == {"name": 0}
