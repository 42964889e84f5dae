"""A row without a code that names somebody of a known name and hospital, but of another department."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.models import LedgerEntry
from doctors.actions.bulk import RowsInUse
from doctors.actions.contacts import add_contact
from doctors.choices import PairState
from doctors.models import Doctor, MatchPair
from doctors.selectors.duplicates import pairs_listed
from pharmacrm.accounts.choices import Role
from pharmacrm.imports import actions
from pharmacrm.imports.faults import words_of
from pharmacrm.imports.models import ImportRow
from tests.factories.doctors import make_department, make_doctor, make_hospital
from tests.factories.duplicates import make_model
from tests.factories.imports import text_table

pytestmark = pytest.mark.django_db
HEADER = ["姓名", "职称", "医院", "科室", "手机", "电话", "邮箱"]


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


@pytest.fixture
def kidney(db):
    return make_department("肾病学专业", code="03.06", aliases=["肾内科"])


@pytest.fixture
def doctor(kidney):
    heart = make_department("心血管内科专业", code="03.04", aliases=["心内科"])
    return make_doctor(
        "覃若涵",
        hospital=make_hospital("湖滨医院"),
        department=heart,
        department_name="心内科",
        title="chief_physician",
    )


def line(department="肾内科", mobile="", phone="", email=""):
    return ["覃若涵", "主任医师", "湖滨医院", department, mobile, phone, email]


def written(by, at, *rows):
    content = text_table([HEADER, *rows])
    job = actions.upload_file(kind="doctor", file_name="a.csv", chunks=[content], by=by, at=at)
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=by, at=at)
    actions.check_rows(import_id=job.pk, at=at)
    actions.commit_import(import_id=job.pk, by=by, at=at, only_good=True)
    return actions.write_rows(import_id=job.pk, at=at)


def test_the_row_is_another_person_says_so_at_its_cell_and_the_pair_waits_at_once(steward, at, doctor):
    make_model()

    job = written(steward, at, line())

    made = Doctor.objects.exclude(pk=doctor.pk).get()
    (said,) = ImportRow.objects.get(job=job).faults
    assert (said["column"], said["code"], said["blocks"]) == ("department", "namesake", False)
    assert "心内科" in words_of(said)
    pair = pairs_listed().get()
    assert {pair.low_id, pair.high_id} == {doctor.pk, made.pk}
    entry = LedgerEntry.objects.get(event="doctors.doctors_imported")
    assert str(pair.pk) in {row["pk"] for row in entry.rows}


def test_undo_takes_the_undecided_pair_along(steward, at, doctor):
    make_model()
    job = written(steward, at, line())

    actions.undo_import(import_id=job.pk, by=steward, at=at + timedelta(hours=1))
    job = actions.undo_rows(import_id=job.pk, at=at + timedelta(hours=1))

    assert job.state == "undone"
    assert Doctor.objects.get() == doctor
    assert not MatchPair.objects.exists()
    assert MatchPair.history.filter(history_type="-").count() == 1


def test_a_pair_that_somebody_decided_makes_the_import_stay(steward, at, doctor):
    make_model()
    job = written(steward, at, line())
    pair = MatchPair.objects.get()
    pair.state, pair.decided_at, pair.decided_by = PairState.DIFFERENT, at, steward
    pair.save()
    actions.undo_import(import_id=job.pk, by=steward, at=at)

    with pytest.raises(RowsInUse):
        actions.undo_rows(import_id=job.pk, at=at)

    assert Doctor.objects.count() == 2


@pytest.mark.parametrize("contact", [{"mobile": "13912342046"}, {"email": "qin@example.com"}])
def test_the_own_number_or_address_settles_who_it_is(steward, at, doctor, contact):
    ((kind, value),) = contact.items()
    add_contact(doctor_id=doctor.pk, kind=kind, value=value, by=steward, at=at)

    job = written(steward, at, line(**contact))

    doctor.refresh_from_db()
    assert Doctor.objects.get() == doctor
    assert (job.outcomes, doctor.department.code) == ({"updated": 1}, "03.06")


def test_an_office_phone_settles_nothing(steward, at, doctor):
    add_contact(doctor_id=doctor.pk, kind="phone", value="0571-87654321", by=steward, at=at)

    written(steward, at, line(phone="0571-87654321"))

    assert Doctor.objects.count() == 2


def test_two_of_one_name_reached_by_one_number_are_asked_about(steward, at, doctor):
    other = make_doctor("覃若涵", hospital=doctor.hospital, department=make_department("外科", code="04"))
    for one in (doctor, other):
        add_contact(doctor_id=one.pk, kind="mobile", value="13912342046", by=steward, at=at)

    content = text_table([HEADER, line(mobile="13912342046")])
    job = actions.upload_file(kind="doctor", file_name="a.csv", chunks=[content], by=steward, at=at)
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
    job = actions.check_rows(import_id=job.pk, at=at)

    (said,) = ImportRow.objects.get(job=job).faults
    assert (job.rows_bad, said["code"]) == (1, "same_doctors")


def test_without_weights_in_force_the_row_is_written_and_remarked_all_the_same(steward, at, doctor):
    job = written(steward, at, line())

    assert (job.rows_remarked, MatchPair.objects.count(), Doctor.objects.count()) == (1, 0, 2)


def test_a_department_that_agrees_or_is_not_said_is_the_doctor_on_record(steward, at, doctor):
    job = written(steward, at, line("心内科"), line(""))

    assert (Doctor.objects.count(), job.rows_remarked, MatchPair.objects.count()) == (1, 0, 0)


def test_many_namesakes_cost_the_queries_of_one(steward, at, doctor):
    make_model()
    with CaptureQueriesContext(connection) as one:
        written(steward, at, line())
    rows = [line(f"第{number}病区") for number in range(12)]
    departments = [make_department(f"第{number}病区", code=f"09.{number:02d}") for number in range(12)]
    assert departments

    with CaptureQueriesContext(connection) as many:
        written(steward, at, *rows)

    assert Doctor.objects.count() == 14
    assert len(many) <= len(one) + 6


def test_the_page_of_a_file_with_remarks_alone_opens_at_them(client, steward, at, doctor):
    job = written(steward, at, line(), ["李新", "主任医师", "湖滨医院", "肾内科", "", "", ""])
    client.force_login(steward)

    page = client.get(reverse("imports:job-detail", args=[job.pk]))
    to_correct = client.get(reverse("imports:job-detail", args=[job.pk]), {"show": ""})

    assert [row.number for row in page.context["page"].rows] == [2]
    assert list(to_correct.context["page"].rows) == []
