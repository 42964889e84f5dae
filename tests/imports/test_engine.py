"""From upload to commit and undo: whole, judged, by cell, once."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from compliance.models import LedgerEntry
from doctors.models import Affiliation, Department, Division, Doctor, DoctorIdentity, Hospital, HospitalAlias
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.files import FileTooLarge
from pharmacrm.common.jobs import JobCancelled
from pharmacrm.common.models import StoredFile
from pharmacrm.imports import actions, selectors
from pharmacrm.imports.models import ImportJob, ImportMapping, ImportResult, ImportRow
from tests.factories.doctors import make_department, make_division, make_doctor, make_hospital, make_territory
from tests.factories.imports import text_table, workbook

pytestmark = pytest.mark.django_db

HOSPITALS = [
    ["医院名称", "等级", "省", "市", "地址", "床位数"],
    ["湖滨医院（湖滨第一人民医院）", "三甲", "浙江省", "杭州市", "西湖区文三路1号", "1200张"],
    ["江口医院", "二級", "浙江省", "杭州市", "上城区2号", ""],
]
DOCTORS = [
    ["工号", "姓名", "职称", "职务", "医院", "科室", "手机", "学术任职", "片区"],
    [
        "D1",
        "单 雄",
        "主任医师",
        "科主任",
        "湖滨医院",
        "心内科",
        "139 1234 2046",
        "中华医学会心血管病学分会委员",
        "HZ",
    ],
    ["D2", "王晓明", "主治医师", "", "湖滨医院", "心内科", "", "", ""],
]


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


@pytest.fixture
def places(db):
    province = make_division("330000", "浙江省", "province")
    city = make_division("330100", "杭州市", "city", province)
    return [
        province,
        city,
        make_division("330106", "西湖区", "county", city),
        make_division("330102", "上城区", "county", city),
    ]


def upload(by, at, rows, kind="hospital", name="list.csv", content=None):
    content = content if content is not None else text_table(rows)
    return actions.upload_file(kind=kind, file_name=name, chunks=[content], by=by, at=at)


def checked(by, at, rows, kind="hospital", **options):
    job = upload(by, at, rows, kind, **options)
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=by, at=at)
    return actions.check_rows(import_id=job.pk, at=at)


def committed(by, at, rows, kind="hospital", only_good=True, **options):
    job = checked(by, at, rows, kind, **options)
    actions.commit_import(import_id=job.pk, by=by, at=at, only_good=only_good)
    return actions.write_rows(import_id=job.pk, at=at)


def faults(job):
    return sorted(
        (row.number, fault["column"], fault["code"])
        for row in ImportRow.objects.filter(job=job)
        for fault in row.faults
    )


def test_a_hospital_file_becomes_hospitals_with_level_place_and_aliases(steward, at, places):
    job = committed(steward, at, HOSPITALS, content=workbook(HOSPITALS), name="医院.xlsx")

    assert (job.state, job.outcomes) == ("committed", {"created": 2})
    lake = Hospital.objects.get(name="湖滨医院")
    assert (lake.level, lake.level_as_given, lake.division_id, lake.beds) == ("3a", "三甲", "330106", 1200)
    assert [alias.name for alias in lake.aliases.all()] == ["湖滨第一人民医院"]
    assert Hospital.objects.get(name="江口医院").level == "2"
    assert lake.history.get().history_user == steward
    events = list(LedgerEntry.objects.order_by("pk").values_list("event", flat=True))
    assert events == [
        "imports.file_uploaded",
        "imports.mapping_set",
        "imports.commit_asked",
        "doctors.hospitals_imported",
        "imports.committed",
    ]


def test_the_same_file_again_changes_nothing(steward, at, places):
    committed(steward, at, HOSPITALS)

    job = committed(steward, at, HOSPITALS)

    assert job.outcomes == {"unchanged": 2}
    assert Hospital.objects.count() == 2
    assert Hospital.history.count() == 2


def test_an_alias_finds_the_hospital_and_an_empty_cell_erases_nothing(steward, at, places):
    committed(steward, at, HOSPITALS)

    job = committed(steward, at, [["医院", "等级", "床位数"], ["湖滨第一人民医院", "", "1500"]])

    lake = Hospital.objects.get(name="湖滨医院")
    assert job.outcomes == {"updated": 1}
    assert (lake.level, lake.beds) == ("3a", 1500)


def test_a_doctor_file_becomes_doctors_with_everything_that_hangs_on_them(steward, at):
    hospital = make_hospital("湖滨医院", division=make_division())
    heart = make_department("心血管内科专业", code="03.04", aliases=["心内科"])
    make_territory("HZ")

    job = committed(steward, at, DOCTORS, "doctor")

    assert job.outcomes == {"created": 2}
    first = Doctor.objects.get(code="D1")
    assert (first.identity.name, first.title, first.post) == ("单雄", "chief_physician", "department_head")
    assert (first.hospital, first.department, first.hospital_level) == (hospital, heart, "3a")
    assert first.affiliations.get().is_primary
    assert first.contacts.get().masked == "139****2046"
    post = first.academic_posts.get()
    assert (post.organisation, post.role, post.level) == ("中华医学会心血管病学分会", "member", "national")
    assert first.assignments.get().territory.code == "HZ"


def test_staged_rows_go_with_their_import_and_names_stay_out_of_history(steward, at):
    make_hospital("湖滨医院")
    make_territory("HZ")
    committed(steward, at, DOCTORS, "doctor")

    assert "晓明" not in str(list(Doctor.history.values()))
    assert "晓明" not in str(list(LedgerEntry.objects.values()))
    assert "晓明" not in str(list(ImportResult.objects.values()))


def test_each_fault_is_reported_at_its_cell(steward, at):
    make_hospital("湖滨医院")
    rows = [
        DOCTORS[0],
        ["D1", "王一", "主任医师", "", "湖滨医院", "", "", "", ""],
        ["D2", "", "主任医师", "", "湖滨医院", "", "", "", ""],
        ["D3", "王三", "大师", "", "湖滨医院", "", "", "", ""],
        ["D4", "王四", "", "宇航员", "湖滨医院", "", "", "", ""],
        ["D5", "王五", "", "", "无名医院", "", "", "", ""],
        ["D6", "王六", "", "", "湖滨医院", "", "12345", "", ""],
        ["D1", "王七", "", "", "湖滨医院", "", "", "", ""],
        ["D 8!", "王八", "", "", "湖滨医院", "", "", "", ""],
        ["D9", "王9号", "", "", "湖滨医院", "", "", "", ""],
        ["D10", "王十", "", "", "湖滨医院", "", "", "", "NOWHERE"],
        ["D11", "=1+1", "", "", "湖滨医院", "", "", "", ""],
    ]

    job = checked(steward, at, rows, "doctor")

    assert faults(job) == [
        (3, "name", "required"),
        (4, "title", "unknown_title"),
        (5, "post", "unknown_post"),
        (6, "hospital", "unknown_hospital"),
        (7, "mobile", "not_a_mobile"),
        (8, "code", "duplicate"),
        (9, "code", "not_a_code"),
        (10, "name", "not_a_name"),
        (11, "territory", "unknown_territory"),
        (12, "name", "formula"),
    ]
    assert (job.rows_total, job.rows_good, job.rows_bad) == (11, 1, 10)
    counts = {(one.column, one.code): one.count for one in selectors.fault_counts(job)}
    assert counts[("title", "unknown_title")] == 1


def test_two_hospitals_of_one_name_ask_for_the_code(steward, at):
    make_hospital("第一医院", code="A")
    make_hospital("第一医院", code="B")
    rows = [["姓名", "医院", "医院编码"], ["王一", "第一医院", ""], ["王二", "第一医院", "B"]]

    assert faults(checked(steward, at, rows, "doctor")) == [(2, "hospital", "ambiguous_hospital")]


def test_a_formula_cell_of_a_workbook_is_reported(steward, at):
    content = workbook([["医院名称", "等级"], ["湖滨医院", ""]], formulas=[(1, 1, "=A1", "三甲")])

    assert faults(checked(steward, at, [], content=content, name="a.xlsx")) == [(2, "level", "formula")]


def test_a_corrected_cell_makes_its_row_good(steward, at, places):
    rows = [HOSPITALS[0], ["湖滨医院", "超三甲级别X", "浙江省", "杭州市", "", ""], HOSPITALS[2]]
    rows[1][1] = "省级"
    job = checked(steward, at, rows)
    assert job.rows_bad == 1

    actions.correct_cell(import_id=job.pk, number=2, column="level", text="三甲", by=steward, at=at)

    job.refresh_from_db()
    assert (job.rows_good, job.rows_bad) == (2, 0)
    assert ImportRow.objects.get(job=job, number=2).values["level"] == "3a"


def test_a_file_with_faults_is_written_only_in_its_good_rows_and_only_when_asked(steward, at, places):
    rows = [*HOSPITALS, ["坏医院", "省级", "", "", "", ""]]
    job = checked(steward, at, rows)

    with pytest.raises(actions.ImportNotCommitted):
        actions.commit_import(import_id=job.pk, by=steward, at=at, only_good=False)
    assert Hospital.objects.count() == 0
    actions.commit_import(import_id=job.pk, by=steward, at=at, only_good=True)
    actions.write_rows(import_id=job.pk, at=at)

    assert Hospital.objects.count() == 2


def test_an_import_cannot_be_written_twice(steward, at, places):
    job = committed(steward, at, HOSPITALS)

    with pytest.raises(actions.ImportNotCommitted):
        actions.commit_import(import_id=job.pk, by=steward, at=at, only_good=True)
    actions.write_rows(import_id=job.pk, at=at)

    assert Hospital.objects.count() == 2
    assert ImportResult.objects.count() == 2


def test_a_kill_in_the_middle_leaves_nothing_and_the_next_run_writes_all(steward, at, places):
    job = checked(steward, at, HOSPITALS)
    actions.commit_import(import_id=job.pk, by=steward, at=at, only_good=True)

    with (
        patch("doctors.actions.imports.hospitals._write_aliases", side_effect=RuntimeError("killed")),
        pytest.raises(RuntimeError),
    ):
        actions.write_rows(import_id=job.pk, at=at)
    assert Hospital.objects.count() == HospitalAlias.objects.count() == ImportResult.objects.count() == 0
    actions.write_rows(import_id=job.pk, at=at)

    job.refresh_from_db()
    assert (job.state, Hospital.objects.count()) == ("committed", 2)


def test_a_cancelled_commit_writes_nothing(steward, at, places):
    job = checked(steward, at, HOSPITALS)
    actions.commit_import(import_id=job.pk, by=steward, at=at, only_good=True)

    with (
        patch("pharmacrm.imports.actions.committing._say_aside", side_effect=JobCancelled),
        pytest.raises(JobCancelled),
    ):
        actions.write_rows(import_id=job.pk, at=at)

    assert Hospital.objects.count() == 0


def test_what_changed_since_the_check_stops_the_commit(steward, at):
    hospital = make_hospital("湖滨医院")
    make_territory("HZ")
    job = checked(steward, at, DOCTORS, "doctor")
    actions.commit_import(import_id=job.pk, by=steward, at=at, only_good=True)
    Hospital.objects.filter(pk=hospital.pk).update(name="改名医院")

    with pytest.raises(actions.ImportNotCommitted):
        actions.write_rows(import_id=job.pk, at=at)

    assert Doctor.objects.count() == 0


def test_an_import_is_undone_without_a_trace_but_in_history(steward, at):
    make_hospital("湖滨医院")
    make_territory("HZ")
    old = make_doctor("王晓明", code="D2", title="resident_physician")
    job = committed(steward, at, DOCTORS, "doctor")
    old.refresh_from_db()
    assert (job.outcomes, old.title) == ({"created": 1, "updated": 1}, "attending_physician")

    actions.undo_import(import_id=job.pk, by=steward, at=at + timedelta(hours=23))
    job = actions.undo_rows(import_id=job.pk, at=at + timedelta(hours=23))

    old.refresh_from_db()
    assert (job.state, old.title) == ("undone", "resident_physician")
    assert list(Doctor.objects.values_list("code", flat=True)) == ["D2"]
    assert DoctorIdentity.objects.count() == 1
    assert Affiliation.objects.count() == 0
    versions = Doctor.history.filter(code="D1").order_by("history_date", "history_id")
    assert list(versions.values_list("history_type", flat=True)) == ["+", "-"]


def test_an_import_in_use_is_not_undone_at_all(steward, at, places):
    job = committed(steward, at, HOSPITALS)
    make_doctor(hospital=Hospital.objects.get(name="江口医院"))
    actions.undo_import(import_id=job.pk, by=steward, at=at)

    with pytest.raises(DomainError) as refusal:
        actions.undo_rows(import_id=job.pk, at=at)

    assert refusal.value.code == "rows_in_use"
    assert Hospital.objects.count() == 2


def test_after_a_day_an_import_stays(steward, at, places):
    job = committed(steward, at, HOSPITALS)

    with pytest.raises(actions.ImportNotUndone):
        actions.undo_import(import_id=job.pk, by=steward, at=at + timedelta(hours=25))


def test_a_chosen_mapping_is_remembered_for_files_of_the_same_look(steward, at):
    rows = [["甲栏", "乙栏"], ["湖滨医院", "三甲"]]
    job = upload(steward, at, rows)
    actions.set_mapping(import_id=job.pk, mapping={"name": 0, "level": 1}, by=steward, at=at)

    again = upload(steward, at, [["乙栏", "甲栏"], ["二甲", "江口医院"]])

    assert again.mapping == {"name": 1, "level": 0}
    assert ImportMapping.objects.count() == 1


@pytest.mark.parametrize(
    "mapping", [{}, {"level": 1}, {"name": 0, "level": 0}, {"name": 9}, {"name": -1}, {"nonsense": 0}]
)
def test_a_mapping_has_to_be_whole_and_single(steward, at, mapping):
    job = upload(steward, at, HOSPITALS)

    with pytest.raises(actions.MappingNotComplete):
        actions.set_mapping(import_id=job.pk, mapping=mapping, by=steward, at=at)

    job.refresh_from_db()
    assert job.state == "mapping"


@pytest.mark.parametrize("role", [Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.INSPECTOR])
def test_a_stranger_imports_nothing(person, at, role):
    with pytest.raises(PermissionDenied):
        upload(person("stranger", role), at, HOSPITALS)

    assert ImportJob.objects.count() == StoredFile.objects.count() == 0


def test_a_stranger_neither_maps_nor_commits_nor_undoes(steward, rep, at, places):
    job = checked(steward, at, HOSPITALS)

    for call in (
        lambda: actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=rep, at=at),
        lambda: actions.commit_import(import_id=job.pk, by=rep, at=at, only_good=True),
        lambda: actions.correct_cell(import_id=job.pk, number=2, column="level", text="三甲", by=rep, at=at),
        lambda: actions.undo_import(import_id=job.pk, by=rep, at=at),
    ):
        with pytest.raises(PermissionDenied):
            call()
    assert Hospital.objects.count() == 0


def test_a_file_too_large_is_not_kept(steward, at, settings):
    settings.MAX_UPLOAD_BYTES = 100

    with pytest.raises(FileTooLarge):
        actions.upload_file(
            kind="hospital", file_name="a.csv", chunks=[b"x" * 60, b"y" * 60], by=steward, at=at
        )

    assert StoredFile.objects.count() == 0


def test_a_file_with_a_header_only_is_not_kept(steward, at):
    with pytest.raises(actions.FileRefused):
        upload(steward, at, HOSPITALS[:1])

    assert ImportJob.objects.count() == StoredFile.objects.count() == 0


@pytest.mark.parametrize(
    "header", ["月处方量", "统方", "科室用药量", "开单数", "actual_claims", "TRx", "月均用量(盒)"]
)
def test_a_column_that_may_not_exist_stops_the_file_before_it_becomes_an_import(steward, at, header):
    rows = [["医院名称", header], ["湖滨医院", "300"]]

    with pytest.raises(Refused) as refusal:
        upload(steward, at, rows)

    assert refusal.value.verdict.breached == ["MR-11"]
    assert ImportJob.objects.count() == 0


def test_the_page_shows_the_clause_and_records_one_refusal(steward, client):
    client.force_login(steward)
    table = SimpleUploadedFile("a.csv", text_table([["医院名称", "月处方量"], ["湖滨医院", "300"]]))

    answer = client.post("/imports/", {"kind": "hospital", "file": table})

    assert answer.status_code == 409
    assert "MR-11" in answer.content.decode()
    assert LedgerEntry.objects.filter(event__endswith="_refused").count() == 1


def test_divisions_and_departments_are_imported_in_any_order_of_rows(steward, at):
    divisions = [["行政区划代码", "名称"], ["330106", "西湖区"], ["33", "浙江省"], ["3301", "杭州市"]]
    departments = [
        ["代码", "科室名称", "上级代码", "别名"],
        ["03.04", "心血管内科专业", "03", "心内科;心血管内科"],
        ["03", "内科", "", ""],
    ]

    committed(steward, at, divisions, "division")
    committed(steward, at, departments, "department")

    assert Division.objects.get(code="330106").full_name == "浙江省杭州市西湖区"
    heart = Department.objects.get(code="03.04")
    assert (heart.parent.code, heart.aliases) == ("03", ["心内科", "心血管内科"])


def test_imports_of_others_stay_out_of_sight(steward, officer, rep, at):
    job = upload(steward, at, HOSPITALS)

    assert list(selectors.jobs_visible_to(officer)) == [job]
    assert list(selectors.jobs_visible_to(rep)) == []
