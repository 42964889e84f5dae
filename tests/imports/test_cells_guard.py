"""What may not be stored is found in every cell, however far down it stands and in every kind of file."""

import pytest
from django.urls import reverse

from compliance.models import Case, CaseEvidence, LedgerEntry
from doctors.models import Doctor, Hospital
from pharmacrm.accounts.choices import Role
from pharmacrm.imports import actions, tasks
from pharmacrm.imports.faults import words_of
from pharmacrm.imports.models import ImportRow
from pharmacrm.imports.registry import kinds
from tests.factories.doctors import make_hospital
from tests.factories.imports import make_job

pytestmark = pytest.mark.django_db
FAR = 70  # rows before the one that says it: the first 50 are judged with the columns


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


def checked(steward, at, header, told, kind, plain):
    rows = [header, *(plain(number) for number in range(FAR)), told]
    job = make_job(steward, at, rows=rows, kind=kind, name="a.csv")
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
    tasks.check(import_id=str(job.pk))
    job.refresh_from_db()
    return job


def faults(job):
    return [
        (row.number, fault["column"], fault["code"])
        for row in ImportRow.objects.filter(job=job, state="bad")
        for fault in row.faults
    ]


@pytest.mark.parametrize(
    ("place", "words", "column", "code"),
    [
        (1, "心内科张主任每月开30盒", "department", "never_prescription_counts"),
        (2, "每月开方量120", "specialty", "never_prescription_counts"),
        (2, "本季销售额30万", "specialty", "never_sales"),
        (2, "已送购物卡", "specialty", "never_gift"),
        (2, "身份证330106198001011239", "specialty", "never_patient_identity"),
        (2, "主任的女儿在英国", "specialty", "never_family"),
        (0, "王明（基督徒）", "name", "never_belief"),
        (2, "统 方", "specialty", "never_prescription_counts"),
    ],
)
def test_a_late_cell_of_a_doctor_file_is_a_fault_and_its_row_is_not_written(
    steward, at, place, words, column, code
):
    told = ["末行医生", "心内科", "心律失常"]
    told[place] = words

    job = checked(
        steward,
        at,
        ("姓名", "科室", "专业"),
        told,
        "doctor",
        lambda n: (f"王{chr(0x4E00 + n)}", "心内科", "心律失常"),
    )

    assert faults(job) == [(FAR + 2, column, code)]
    actions.commit_import(import_id=job.pk, by=steward, at=at, only_good=True)
    tasks.commit(import_id=str(job.pk))
    assert Doctor.objects.count() == FAR


def test_the_fault_says_what_to_do_and_which_rule_forbids_it(steward, at):
    job = checked(
        steward,
        at,
        ("医院名称", "地址"),
        ("湖滨医院", "李主任每周用20支"),
        "hospital",
        lambda n: (f"第{n}医院", "湖滨路"),
    )

    (fault,) = ImportRow.objects.get(job=job, state="bad").faults
    assert "MR-11" in words_of(fault)


@pytest.mark.parametrize(
    ("kind", "header"),
    [("department", ("科目代码", "科目名称", "别名")), ("division", ("行政区划代码", "名称", "现行代码"))],
)
def test_departments_and_divisions_are_read_as_well(steward, at, kind, header):
    told = ("330199", "王主任每月开30盒", "")

    job = checked(steward, at, header, told, kind, lambda n: (f"3301{n:02d}", f"第{n}区", ""))

    assert (FAR + 2, "name", "never_prescription_counts") in faults(job)


def test_no_correction_brings_it_in(steward, at):
    job = checked(
        steward, at, ("医院名称", "等级"), ("湖滨医院", "省级"), "hospital", lambda n: (f"第{n}医院", "三甲")
    )
    number = FAR + 2

    row = actions.correct_cell(
        import_id=job.pk, number=number, column="level", text="张主任月用量30盒", by=steward, at=at
    )
    assert [fault["code"] for fault in row.faults] == ["never_prescription_counts"]
    actions.fix_everywhere(
        import_id=job.pk, column="level", wrong="张主任月用量30盒", text="处方量120", by=steward, at=at
    )
    row.refresh_from_db()
    assert [fault["code"] for fault in row.faults] == ["never_prescription_counts"]
    row = actions.correct_cell(
        import_id=job.pk, number=number, column="level", text="三甲", by=steward, at=at
    )
    assert row.faults == []


def test_people_and_places_called_after_a_faith_are_taken(steward, at):
    job = checked(
        steward,
        at,
        ("医院名称", "地址"),
        ("固原穆斯林医院", "天主教堂路1号"),
        "hospital",
        lambda n: (f"第{n}医院", "湖滨路"),
    )
    assert faults(job) == []
    make_hospital("湖滨医院")
    job = checked(
        steward, at, ("last name", "first name", "hospital"), ("Christian", "Ann", "湖滨医院"), "doctor",
        lambda n: (f"Li{chr(97 + n % 26)}", f"Wei{chr(97 + n // 26)}", "湖滨医院"),
    )  # fmt: skip
    assert faults(job) == []


def hidden(steward, at, first, late):
    rows = [("姓名", "备注专业"), *((f"王{chr(0x4E00 + n)}", first(n)) for n in range(55))]
    rows += [(f"李{chr(0x4E00 + n)}", late(n)) for n in range(60)]
    job = make_job(steward, at, rows=rows, kind="doctor", name="a.csv")
    actions.set_mapping(import_id=job.pk, mapping={"name": 0, "specialty": 1}, by=steward, at=at)
    tasks.check(import_id=str(job.pk))
    job.refresh_from_db()
    return job


def test_a_column_that_turns_out_to_count_prescriptions_behind_its_first_rows_is_taken_away(
    client, steward, at
):
    job = hidden(steward, at, lambda n: "心律失常", lambda n: f"月处方量{n + 1}盒")

    case = Case.objects.get()
    assert (job.state, job.sample) == ("refused", [])
    assert case.number in job.failure
    assert not ImportRow.objects.filter(job=job).exists()
    assert not Doctor.objects.exists()
    assert CaseEvidence.objects.get(case=case).file == job.file
    assert LedgerEntry.objects.filter(event="compliance.file_quarantined").count() == 1
    assert LedgerEntry.objects.filter(event__endswith="_refused", subject=f"import:{job.pk}").count() == 1
    with pytest.raises(actions.MappingNotComplete):
        actions.set_mapping(import_id=job.pk, mapping={"name": 0}, by=steward, at=at)
    client.force_login(steward)
    page = client.get(reverse("imports:job-detail", args=[job.pk])).content.decode()
    assert case.number in page


def test_a_column_that_names_patients_is_refused_and_makes_no_case_that_keeps_them(steward, at):
    job = hidden(steward, at, lambda n: "心律失常", lambda n: f"患者身份证3301061980010112{n:02d}")

    assert (job.state, Case.objects.exists()) == ("refused", False)
    assert not ImportRow.objects.filter(job=job).exists()
    assert "再" in job.failure or "again" in job.failure


def test_fewer_than_half_of_the_cells_are_faults_of_these_cells(steward, at):
    job = hidden(steward, at, lambda n: "心律失常", lambda n: "心律失常" if n % 2 else f"月处方量{n + 1}盒")

    assert (job.state, job.rows_bad, job.rows_good) == ("checked", 30, 85)
    assert not Case.objects.exists()


def test_every_kind_has_its_texts_read():
    read = {
        name: {column.name for column in kind.columns if column.is_text} for name, kind in kinds().items()
    }

    assert read["doctor"] >= {"name", "specialty", "hospital", "department", "post", "academic_posts", "code"}
    assert read["hospital"] >= {"name", "alias", "level", "address", "parent"}
    assert read["transfer"] >= {"payer", "nature", "form", "product", "study", "record_number"}
    assert all(read.values())
    assert Hospital.objects.count() == 0
