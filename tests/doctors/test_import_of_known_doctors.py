"""A file that names doctors on record: what is new is added, what would be a move is said and stays."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localtime
from python_calamine import CalamineWorkbook

from compliance.models import LedgerEntry
from doctors.actions.contacts import add_contact, retire_contact
from doctors.actions.profile import add_affiliation
from doctors.models import AcademicPost, Affiliation, Assignment, ContactPoint, Doctor, TouchedDoctor
from doctors.selectors.privacy import open_text
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import DomainError
from pharmacrm.imports import actions
from pharmacrm.imports.models import ImportRow
from pharmacrm.imports.workbooks import error_workbook
from tests.factories.doctors import make_department, make_doctor, make_hospital, make_territory
from tests.factories.imports import text_table

pytestmark = pytest.mark.django_db

HEADER = ["工号", "姓名", "职称", "医院", "科室", "手机", "邮箱", "学术任职", "片区"]
SEAT = "中华医学会心血管病学分会委员"


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思", language="zh-hans")


@pytest.fixture
def lake(db):
    return make_hospital("湖滨医院")


@pytest.fixture
def heart(db):
    return make_department("心血管内科专业", code="03.04", aliases=["心内科"])


@pytest.fixture
def doctor(lake, heart):
    return make_doctor(
        "王晓明",
        code="D1",
        hospital=lake,
        department=heart,
        department_name="心内科",
        territory=make_territory("HZ"),
    )


def line(
    code="D1",
    name="王晓明",
    title="",
    hospital="",
    department="",
    mobile="",
    email="",
    seats="",
    territory="",
):
    return [code, name, title, hospital, department, mobile, email, seats, territory]


def checked(by, at, *rows):
    content = text_table([HEADER, *rows])
    job = actions.upload_file(kind="doctor", file_name="医生.csv", chunks=[content], by=by, at=at)
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=by, at=at)
    return actions.check_rows(import_id=job.pk, at=at)


def committed(by, at, *rows):
    job = checked(by, at, *rows)
    assert job.rows_bad == 0
    actions.commit_import(import_id=job.pk, by=by, at=at, only_good=True)
    return actions.write_rows(import_id=job.pk, at=at)


def undone(job, by, at):
    actions.undo_import(import_id=job.pk, by=by, at=at)
    return actions.undo_rows(import_id=job.pk, at=at)


def remarks(job):
    return [
        (row.number, one["column"], one["code"])
        for row in ImportRow.objects.filter(job=job).order_by("number")
        for one in row.faults
        if one.get("blocks") is False
    ]


def test_new_contacts_and_seats_are_added_with_history_and_ledger(steward, at, doctor):
    job = committed(steward, at, line(mobile="13912342046", email="wang@example.com", seats=SEAT))

    assert (job.outcomes, job.rows_remarked) == ({"updated": 1}, 0)
    assert sorted(doctor.contacts.values_list("kind", flat=True)) == ["email", "mobile"]
    point = doctor.contacts.get(kind="mobile")
    assert open_text(doctor.pk, point.sealed) == "13912342046"
    assert (point.history.get().history_type, point.history.get().history_user) == ("+", steward)
    seat = doctor.academic_posts.get()
    assert (seat.organisation, seat.role) == ("中华医学会心血管病学分会", "member")
    assert TouchedDoctor.objects.filter(doctor=doctor).exists()
    entry = LedgerEntry.objects.get(event="doctors.doctors_imported")
    assert {str(point.pk), str(seat.pk)} <= {row["pk"] for row in entry.rows}


def test_what_is_on_record_already_is_left_alone(steward, at, doctor):
    rows = [line(mobile="13912342046", seats=SEAT, hospital="湖滨医院", department="心内科", territory="HZ")]
    committed(steward, at, *rows)

    job = committed(steward, at, *rows)

    assert (job.outcomes, remarks(job)) == ({"unchanged": 1}, [])
    assert (ContactPoint.objects.count(), AcademicPost.objects.count(), Assignment.objects.count()) == (
        1,
        1,
        1,
    )


def test_undo_takes_back_what_the_file_added_and_nothing_else(steward, at, doctor, lake):
    own = add_contact(doctor_id=doctor.pk, kind="phone", value="0571-87654321", by=steward, at=at)
    surgery = make_department("外科", code="04")
    job = committed(steward, at, line(title="主任医师", department="外科", mobile="13912342046", seats=SEAT))
    doctor.refresh_from_db()
    assert (doctor.title, doctor.department) == ("chief_physician", surgery)

    undone(job, steward, at + timedelta(hours=2))

    doctor.refresh_from_db()
    assert (doctor.title, doctor.department.code, doctor.department_name) == ("unknown", "03.04", "心内科")
    assert list(doctor.contacts.all()) == [own]
    assert not doctor.academic_posts.exists()
    place = doctor.affiliations.get()
    assert (place.department.code, place.valid_until) == ("03.04", None)
    versions = ContactPoint.history.exclude(id=own.pk).order_by("history_id")
    assert list(versions.values_list("history_type", flat=True)) == ["+", "-"]


def test_another_department_of_the_hospital_is_a_dated_place_of_work(steward, at, doctor, lake):
    surgery = make_department("外科", code="04")
    today = localtime(at).date()

    job = committed(steward, at, line(hospital="湖滨医院", department="外科"))

    doctor.refresh_from_db()
    assert (job.outcomes, doctor.department, doctor.hospital) == ({"updated": 1}, surgery, lake)
    former, now = doctor.affiliations.order_by("valid_from")
    assert (former.valid_until, now.valid_from, now.valid_until) == (today, today, None)
    assert now.is_primary


def test_a_department_that_began_today_is_not_ended_today(steward, at, doctor):
    make_department("外科", code="04")
    committed(steward, at, line(department="外科"))

    job = committed(steward, at, line(department="心内科"))

    assert (job.outcomes, remarks(job)) == ({"unchanged": 1}, [(2, "department", "other_department")])
    assert Affiliation.objects.filter(doctor=doctor).count() == 2


def test_another_hospital_or_territory_is_said_at_its_cell_and_stays(steward, at, doctor, lake, client):
    make_hospital("江口医院")
    make_territory("NB")
    row = line(hospital="江口医院", department="外科", territory="NB", mobile="13912342046")

    job = committed(steward, at, row)

    doctor.refresh_from_db()
    assert (job.outcomes, job.rows_good, job.rows_remarked) == ({"updated": 1}, 1, 1)
    assert remarks(job) == [(2, "hospital", "other_hospital"), (2, "territory", "other_territory")]
    assert doctor.hospital == lake
    assert doctor.affiliations.count() == 1
    assert doctor.assignments.get().territory.code == "HZ"
    assert doctor.contacts.count() == 1
    client.force_login(steward)
    page = client.get(reverse("imports:job-detail", args=[job.pk]), {"show": "remarked"}).content.decode()
    assert page.count("档案中是“湖滨医院”") == 2  # in the list of remarks, and at its cell
    assert "档案中是“HZ”" in page


def test_remarks_stand_in_the_workbook_in_the_language_of_the_reader(steward, at, doctor, tmp_path):
    make_hospital("江口医院")
    job = checked(steward, at, line(hospital="江口医院"))
    path = tmp_path / "remarks.xlsx"
    said = []

    for language in ("en", "zh-hans"):
        with translation.override(language):
            path.write_bytes(error_workbook(job))
        said.append(CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[1][-1])

    assert "The record has “湖滨医院”" in said[0]
    assert "档案中是“湖滨医院”" in said[1]


def test_a_further_place_of_work_on_record_is_no_move(steward, at, doctor):
    further = make_hospital("江口医院")
    add_affiliation(
        doctor_id=doctor.pk, hospital_id=further.pk, valid_from=localtime(at).date(), by=steward, at=at
    )

    assert remarks(checked(steward, at, line(hospital="江口医院"))) == []


def test_a_doctor_without_hospital_and_territory_gets_both(steward, at, lake, heart):
    doctor = make_doctor("王晓明", code="D1")
    make_territory("HZ")

    job = committed(steward, at, line(hospital="湖滨医院", department="心内科", territory="HZ"))

    doctor.refresh_from_db()
    assert (doctor.hospital, doctor.department, doctor.hospital_level) == (lake, heart, "3a")
    assert doctor.affiliations.get().is_primary
    assert doctor.assignments.get().territory.code == "HZ"
    undone(job, steward, at)
    doctor.refresh_from_db()
    assert (doctor.hospital, doctor.department, doctor.hospital_level) == (None, None, "unknown")
    assert not doctor.affiliations.exists()
    assert not doctor.assignments.exists()


def test_two_rows_of_one_doctor_are_each_taken_and_undone_together(steward, at, doctor):
    by_code = line(title="主任医师", mobile="13912342046", seats=SEAT)
    by_place = line(code="", hospital="湖滨医院", email="wang@example.com", mobile="13912342046", seats=SEAT)
    by_place[2] = "副主任医师"

    job = committed(steward, at, by_code, by_place)

    doctor.refresh_from_db()
    assert (job.outcomes, doctor.title) == ({"updated": 2}, "associate_chief_physician")
    assert sorted(doctor.contacts.values_list("kind", flat=True)) == ["email", "mobile"]
    assert doctor.academic_posts.count() == 1
    undone(job, steward, at)
    doctor.refresh_from_db()
    assert doctor.title == "unknown"
    assert not doctor.contacts.exists()
    assert not doctor.academic_posts.exists()


def test_two_rows_of_one_doctor_with_two_territories_take_the_first(steward, at, lake):
    doctor = make_doctor("王晓明", code="D1", hospital=lake)
    make_territory("HZ")
    make_territory("NB")

    job = committed(steward, at, line(territory="HZ"), line(code="", hospital="湖滨医院", territory="NB"))

    assert doctor.assignments.get().territory.code == "HZ"
    assert remarks(job) == [(3, "territory", "other_territory")]


def test_a_seat_changed_a_number_retired_and_another_name_are_remarked(steward, at, doctor):
    point = add_contact(doctor_id=doctor.pk, kind="mobile", value="13912342046", by=steward, at=at)
    retire_contact(contact_id=point.pk, by=steward, at=at)
    committed(steward, at, line(seats=SEAT))

    job = committed(
        steward, at, line(name="李大海", mobile="13912342046", seats="中华医学会心血管病学分会副主任委员")
    )

    assert remarks(job) == [
        (2, "name", "other_name"),
        (2, "mobile", "retired_contact"),
        (2, "academic_posts", "other_seat"),
    ]
    assert job.outcomes == {"unchanged": 1}
    point.refresh_from_db()
    assert not point.is_active
    assert doctor.academic_posts.get().role == "member"
    assert "王晓明" not in str(list(ImportRow.objects.filter(job=job).values()))


def test_a_code_of_a_record_merged_away_reaches_the_one_kept(steward, at, doctor):
    former = make_doctor("王晓明", code="D2")
    Doctor.objects.filter(pk=former.pk).update(merged_into=doctor)

    committed(steward, at, line(code="D2", mobile="13912342046"))

    assert ContactPoint.objects.get().doctor == doctor


def test_nothing_is_brought_back_of_an_erased_person(steward, at, doctor):
    doctor.identity.delete()

    job = checked(steward, at, line(mobile="13912342046", title="主任医师"))

    row = ImportRow.objects.get(job=job)
    assert (row.state, [one["code"] for one in row.faults]) == ("bad", ["erased_doctor"])


def test_what_was_said_between_check_and_writing_is_kept(steward, at, doctor):
    territory = make_territory("NB")
    Assignment.objects.all().delete()
    job = checked(steward, at, line(territory="HZ"))
    assert (job.rows_remarked, remarks(job)) == (0, [])
    Assignment.objects.create(doctor=doctor, territory=territory, valid_from=localtime(at).date())

    actions.commit_import(import_id=job.pk, by=steward, at=at, only_good=True)
    job = actions.write_rows(import_id=job.pk, at=at)

    assert (job.outcomes, job.rows_remarked) == ({"unchanged": 1}, 1)
    assert remarks(job) == [(2, "territory", "other_territory")]


def test_an_import_stays_when_a_place_it_brought_was_ended_since(steward, at, doctor, lake):
    make_department("外科", code="04")
    job = committed(steward, at, line(department="外科", mobile="13912342046"))
    tomorrow = at + timedelta(hours=23)
    elsewhere = make_hospital("江口医院")
    add_affiliation(
        doctor_id=doctor.pk,
        hospital_id=elsewhere.pk,
        valid_from=localtime(at).date() + timedelta(days=1),
        is_primary=True,
        by=steward,
        at=tomorrow,
    )

    with pytest.raises(DomainError) as refusal:
        undone(job, steward, tomorrow)

    assert refusal.value.code == "rows_in_use"
    doctor.refresh_from_db()
    assert (doctor.hospital, doctor.contacts.count()) == (elsewhere, 1)


def test_ten_doctors_on_record_cost_no_more_queries_than_two(steward, at, lake, heart):
    make_territory("HZ")
    counts = []
    for first, many in ((10, 2), (20, 10)):
        rows = []
        for number in range(first, first + many):
            make_doctor("王晓明", code=f"D{number}", hospital=lake)
            rows.append(
                line(
                    f"D{number}", mobile=f"139123420{number}", seats=SEAT, department="心内科", territory="HZ"
                )
            )
        job = checked(steward, at, *rows)
        actions.commit_import(import_id=job.pk, by=steward, at=at, only_good=True)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            job = actions.write_rows(import_id=job.pk, at=at)
        assert job.outcomes == {"updated": many}
        counts.append(len(queries))

    assert counts[0] == counts[1]
