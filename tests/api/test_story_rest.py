"""Two outsiders over REST: a warehouse of its own right, and a tool a representative let act for them."""

import base64
import hashlib
import io
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from python_calamine import CalamineWorkbook

from activities.models import Visit
from compliance.models import LedgerEntry
from doctors.models import Hospital
from pharmacrm.api import actions
from pharmacrm.common.ids import uuid7
from pharmacrm.imports.models import ImportJob
from tests.factories.activities import make_ground
from tests.factories.compliance import qualify
from tests.factories.doctors import make_hospital
from tests.factories.imports import text_table, workbook

pytestmark = pytest.mark.django_db(transaction=True)

BACK = "http://127.0.0.1:9/back"
VISITS = "/api/v1/activities/visits/"
ROWS = [["医院名称", "医院等级"], ["云溪市第一人民医院", "三甲"], ["江口医院", "省级"], ["山前医院", "二级"]]


@pytest.fixture
def warehouse(client, service, at):
    """The headers of a client that got its token by its own credentials."""
    made = actions.create_client(name="warehouse", service_account=service, redirect_uris="", by=None, at=at)
    token = client.post(
        "/o/token/",
        {
            "grant_type": "client_credentials",
            "client_id": made.client_id,
            "client_secret": made.client_secret,
            "scope": "read write",
        },
    ).json()
    return {"Authorization": f"Bearer {token['access_token']}"}


@pytest.fixture
def field_tool(client, rep, at):
    """The headers of a tool that a representative let act for them: code and PKCE."""
    made = actions.create_client(name="field tool", service_account=None, redirect_uris=BACK, by=None, at=at)
    verifier = "v" * 64
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": made.client_id,
        "redirect_uri": BACK,
        "scope": "read act",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    client.force_login(rep)
    allowed = client.post("/o/authorize/", {**asked, "allow": "true"}, query_params=asked)
    client.logout()
    token = client.post(
        "/o/token/",
        {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(allowed["Location"]).query)["code"][0],
            "client_id": made.client_id,
            "redirect_uri": BACK,
            "code_verifier": verifier,
        },
    ).json()
    return {"Authorization": f"Bearer {token['access_token']}"}


@pytest.fixture
def doctor(rep, officer):
    qualify(rep, "P1", by=officer, at=timezone.now())
    return make_ground(rep)


def post(client, url, body, headers, key=None):
    headers = {**headers, "Idempotency-Key": key or str(uuid7())}
    return client.post(url, body, content_type="application/json", headers=headers)


def send(client, form, headers, key=None):
    return client.post("/api/v1/imports/", form, headers={**headers, "Idempotency-Key": key or str(uuid7())})


def visit_of(doctor):
    now = timezone.now()
    return {
        "visit_id": str(uuid7()),
        "doctor_id": str(doctor.pk),
        "started_at": (now - timedelta(minutes=20)).isoformat(),
        "ended_at": (now - timedelta(minutes=2)).isoformat(),
        "ae_answer": "none",
    }


def test_a_warehouse_imports_hospitals_and_takes_them_back(client, warehouse):
    upload = SimpleUploadedFile("医院.csv", text_table(ROWS, encoding="gb18030"))
    job = send(client, {"kind": "hospital", "file": upload}, warehouse).json()
    address = f"/api/v1/imports/{job['id']}/"

    guessed = job["mapping"]
    checked = post(client, f"{address}columns/", {"mapping": guessed}, warehouse)
    faults = client.get(f"{address}errors/", headers=warehouse).json()
    post(client, f"{address}commit/", {"only_good": True}, warehouse)
    written = sorted(Hospital.objects.values_list("name", flat=True))
    told = client.get(address, headers=warehouse).json()
    post(client, f"{address}undo/", {}, warehouse)

    assert (guessed["name"], guessed["level"]) == (0, 1)
    assert checked.status_code == 202
    assert [row["number"] for row in faults["results"]] == [3]
    assert written == ["云溪市第一人民医院", "山前医院"]
    assert (told["state"], told["rows_good"], told["rows_bad"]) == ("committed", 2, 1)
    assert Hospital.objects.count() == 0


def test_a_warehouse_reads_a_figure_of_the_board_and_as_many_rows(client, warehouse, doctor):
    board = client.get("/api/v1/boards/coverage/", headers=warehouse)
    rows = client.get("/api/v1/boards/rows/base/", headers=warehouse)

    core = next(line for line in board.json()["tiers"] if line["key"] == "core")
    assert core["base"] == len(rows.json()["results"]) == 1
    assert rows.json()["results"][0]["code"] == doctor.code


def test_a_tool_submits_a_visit_as_the_representative_and_only_once(client, field_tool, doctor, rep):
    body, key = visit_of(doctor), str(uuid7())

    first = post(client, VISITS, body, field_tool, key)
    again = post(client, VISITS, body, field_tool, key)
    seen = client.get(VISITS, headers=field_tool).json()

    visit = Visit.objects.get()
    assert (first.status_code, first.json()) == (201, again.json())
    assert (visit.rep, visit.state) == (rep, "submitted")
    assert [one["id"] for one in seen["results"]] == [str(visit.pk)]
    assert LedgerEntry.objects.filter(subject=f"visit:{visit.pk}", actor=rep).exists()


def test_a_file_sent_twice_with_one_key_is_one_import(client, warehouse):
    def form(text):
        return {"kind": "hospital", "file": SimpleUploadedFile("医院.csv", text_table(text))}

    first = send(client, form(ROWS), warehouse, "one")
    again = send(client, form(ROWS), warehouse, "one")
    other = send(client, form(ROWS[:3]), warehouse, "one")
    without = client.post("/api/v1/imports/", form(ROWS), headers=warehouse)

    assert (first.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert (other.status_code, without.status_code) == (422, 400)
    assert ImportJob.objects.count() == 1


def test_a_client_alone_submits_no_visit(client, warehouse, doctor):
    answer = post(client, VISITS, visit_of(doctor), warehouse)

    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status"} <= set(answer.json())
    assert Visit.objects.count() == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_warehouse_sends_departments_and_doctors_and_gets_the_faulty_rows_as_a_workbook(
    client, warehouse, encoding
):
    make_hospital("云溪市第一人民医院")
    departments = [["科目代码", "科目名称"], ["03.04", "心血管内科专业"]]
    doctors = [
        ["工号", "姓名", "职称", "医院", "科室"],
        ["D1", "王晓明", "主任医师", "云溪市第一人民医院", "心血管内科专业"],
        ["D2", "李静", "主任医师", "没有这家医院", "心血管内科专业"],
    ]

    _sent(client, warehouse, "department", "科室.csv", text_table(departments, encoding=encoding))
    job = _sent(client, warehouse, "doctor", "医生.xlsx", workbook(doctors))
    book = client.get(f"/api/v1/imports/{job['id']}/errors/workbook/", headers=warehouse)
    again = send(
        client, {"kind": "doctor", "file": SimpleUploadedFile("医生2.xlsx", workbook(doctors))}, warehouse
    ).json()

    rows = _rows_of(book.content)
    assert [row[rows[0].index("姓名")] for row in rows[1:]] == ["李静"]
    assert (job["state"], job["rows_good"], job["rows_bad"]) == ("committed", 1, 1)
    assert again["mapping"] == job["mapping"]
    assert [one["name"] for one in client.get("/api/v1/doctors/", headers=warehouse).json()["results"]] == [
        "王晓明"
    ]


def _sent(client, headers, kind, name, content):
    upload = {"kind": kind, "file": SimpleUploadedFile(name, content)}
    job = send(client, upload, headers).json()
    address = f"/api/v1/imports/{job['id']}/"
    post(client, f"{address}columns/", {"mapping": job["mapping"]}, headers)
    post(client, f"{address}commit/", {"only_good": True}, headers)
    return client.get(address, headers=headers).json()


def test_a_warehouse_takes_the_rows_behind_a_figure_as_an_excel_file(client, warehouse, doctor):
    book = client.get("/api/v1/boards/rows/base/workbook/", headers=warehouse)

    rows = _rows_of(b"".join(book.streaming_content))
    assert any(doctor.code in row for row in rows)


def _rows_of(content):
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
