"""The steward's way through the pages, and what strangers and bad files meet."""

import io
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from python_calamine import CalamineWorkbook

from doctors.models import Hospital
from pharmacrm.accounts.choices import Role
from pharmacrm.imports import actions
from pharmacrm.imports.models import ImportJob, ImportRow
from tests.factories.imports import make_job, text_table, workbook

pytestmark = pytest.mark.django_db
ROWS = [
    ["医院名称", "等级", "备注"],
    ["湖滨医院", "三甲", ""],
    ["江口医院", "省级", "=1+1"],
    ["山前医院", "二级", ""],
]


@pytest.fixture
def steward(person, client):
    user = person("steward", Role.STEWARD, name="沈思", language="zh-hans")
    client.force_login(user)
    return user


def key():
    return {"Idempotency-Key": str(uuid4())}


def send(client, content, name="医院.csv", kind="hospital"):
    upload = SimpleUploadedFile(name, content)
    return client.post(reverse("imports:job-list"), {"kind": kind, "file": upload}, follow=True)


def test_a_file_goes_from_upload_to_hospitals_and_back(client, steward, django_capture_on_commit_callbacks):
    page = send(client, workbook(ROWS), "医院.xlsx")
    job = ImportJob.objects.get()
    assert "医院名称" in page.content.decode()

    client.post(reverse("imports:mapping", args=[job.pk]), {"name": "0", "level": "1"})
    actions.check_rows(import_id=job.pk, at=job.asked_at)
    page = client.get(reverse("imports:job-detail", args=[job.pk])).content.decode()
    assert "“省级”不是医院等级" in page
    client.post(reverse("imports:cell", args=[job.pk]), {"number": "3", "column": "level", "text": "三级"})
    assert ImportRow.objects.get(job=job, number=3).state == "good"
    client.post(reverse("imports:commit", args=[job.pk]), {"only_good": ""})
    actions.write_rows(import_id=job.pk, at=job.asked_at)
    assert Hospital.objects.count() == 3
    ImportJob.objects.filter(pk=job.pk).update(undo_until="2100-01-01T00:00:00Z")
    client.post(reverse("imports:undo", args=[job.pk]))
    actions.undo_rows(import_id=job.pk, at=job.asked_at)

    assert Hospital.objects.count() == 0


def test_the_error_workbook_names_the_reason_and_holds_no_formula(client, steward, at):
    send(client, text_table([ROWS[0], ["=HYPERLINK(1)", "省级", ""]]))
    job = ImportJob.objects.get()
    actions.set_mapping(import_id=job.pk, mapping={"name": 0, "level": 1}, by=steward, at=at)
    actions.check_rows(import_id=job.pk, at=at)

    answer = client.get(reverse("imports:errors", args=[job.pk]))

    content = answer.content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[1][:2] == ["=HYPERLINK(1)", "省级"]
    assert "公式" in rows[1][3]
    assert b"<f>" not in content


def test_the_corrected_error_workbook_maps_itself(client, steward, at):
    send(client, text_table(ROWS))
    job = ImportJob.objects.get()
    actions.set_mapping(import_id=job.pk, mapping={"name": 0, "level": 1}, by=steward, at=at)
    actions.check_rows(import_id=job.pk, at=at)
    content = client.get(reverse("imports:errors", args=[job.pk])).content

    again = actions.upload_file(kind="hospital", file_name="again.xlsx", chunks=[content], by=steward, at=at)

    assert again.mapping == {"name": 0, "level": 1}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.4", "不是电子表格"),
        (b"", "空"),
        (b"<html>", "网页"),
        (text_table([["a"], ["湖"]]) * 9 + text_table([["湖滨"]], encoding="gb18030"), "UTF-8"),
    ],
)
def test_a_file_that_is_no_table_is_answered_in_words(client, steward, content, words):
    answer = send(client, content, "x.xlsx")

    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert ImportJob.objects.count() == 0


def test_a_mapping_without_the_name_is_shown_again(client, steward, at):
    job = make_job(steward, at)

    answer = client.post(reverse("imports:mapping", args=[job.pk]), {"name": "", "level": "1"})

    assert answer.status_code == 400
    job.refresh_from_db()
    assert job.state == "mapping"


def test_an_empty_workbook_carries_the_headings(client, steward):
    answer = client.get(reverse("imports:template", args=["doctor"]))

    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    assert "手机" in rows.to_python()[0]


def test_imports_work_over_rest(client, steward, at):
    answer = client.post(
        "/api/v1/imports/",
        {"kind": "hospital", "file": SimpleUploadedFile("h.csv", text_table(ROWS))},
        headers={"Idempotency-Key": "first"},
    )
    assert answer.status_code == 201
    job = answer.json()
    where = f"/api/v1/imports/{job['id']}/"
    body = {"mapping": {"name": 0, "level": 1}}
    assert (
        client.post(f"{where}columns/", body, content_type="application/json", headers=key()).status_code
        == 202
    )
    made = ImportJob.objects.get()
    actions.check_rows(import_id=made.pk, at=at)

    faults = client.get(f"{where}errors/").json()["results"]
    refused = client.post(
        f"{where}commit/", {"only_good": False}, content_type="application/json", headers=key()
    )
    accepted = client.post(
        f"{where}commit/", {"only_good": True}, content_type="application/json", headers=key()
    )

    assert [(row["number"], row["faults"][0]["code"]) for row in faults] == [(3, "unknown_level")]
    assert refused.status_code == 409
    assert accepted.status_code == 202
    actions.write_rows(import_id=made.pk, at=at)
    assert client.get(where).json()["outcomes"] == {"created": 2}
