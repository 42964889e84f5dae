"""A file with a column of 统方 is refused, kept apart, and a case is opened for it: once, through every door."""

import hashlib
import io
from io import StringIO

import pytest
import xlsxwriter
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from compliance import actions as law
from compliance.choices import CaseState
from compliance.models import Case, CaseEvidence, Finding, LedgerEntry
from doctors.models import Hospital
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from pharmacrm.common.files import open_verified
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import StoredFile
from pharmacrm.imports import actions
from pharmacrm.imports.models import ImportJob
from tests.conftest import AT
from tests.factories.imports import text_table

pytestmark = pytest.mark.django_db

SECRET = text_table([["医院名称", "t.o.n.g.f.a.n.g"], ["湖滨医院", "300"]])


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


@pytest.fixture
def officer(person):
    return person("officer", Role.COMPLIANCE, name="周正")


def upload(by, content=SECRET):
    return actions.upload_file(kind="hospital", file_name="a.csv", chunks=[content], by=by, at=AT)


def by_page(client, steward, _folder):
    client.force_login(steward)
    file = io.BytesIO(SECRET)
    file.name = "a.csv"
    answer = client.post(
        reverse("imports:job-list"),
        {"kind": "hospital", "file": file},
        headers={"Idempotency-Key": str(uuid7())},
    )
    assert answer.status_code == 409
    return answer.content.decode()


def by_rest(client, steward, _folder):
    client.force_login(steward)
    file = io.BytesIO(SECRET)
    file.name = "a.csv"
    answer = client.post(
        "/api/v1/imports/", {"kind": "hospital", "file": file}, headers={"Idempotency-Key": str(uuid7())}
    )
    assert answer.status_code == 409
    body = answer.json()
    assert body["case_number"] in body["what_to_do"]
    return body["what_to_do"]


def by_command(_client, steward, folder):
    path = folder / "a.csv"
    path.write_bytes(SECRET)
    with pytest.raises(CommandError) as refusal:
        call_command("import_file", "hospital", path, "--by", steward.username, stdout=StringIO())
    return str(refusal.value)


@pytest.mark.parametrize("door", [by_page, by_rest, by_command])
def test_every_door_refuses_keeps_the_file_apart_and_names_the_case(client, steward, officer, tmp_path, door):
    said = door(client, steward, tmp_path)

    case = Case.objects.get()
    assert case.number in said
    assert (case.state, case.opened_by, case.source) == (CaseState.OPEN, None, "detector")
    finding = case.findings.get()
    assert (finding.rule, finding.state) == ("MR-11", "in_case")
    evidence = CaseEvidence.objects.get(case=case)
    assert evidence.title == "a.csv"
    with open_verified(evidence.file) as kept:
        assert kept.read() == SECRET
    assert not ImportJob.objects.exists()
    assert not Hospital.objects.exists()
    events = list(LedgerEntry.objects.values_list("event", flat=True))
    assert sum(event.endswith("_refused") for event in events) == 1
    assert events.count("compliance.case_opened") == events.count("compliance.file_quarantined") == 1


def test_the_same_file_again_comes_to_the_same_case_and_is_counted(client, steward, tmp_path):
    by_page(client, steward, tmp_path)

    by_rest(client, steward, tmp_path)
    by_command(client, steward, tmp_path)

    assert Case.objects.count() == CaseEvidence.objects.count() == StoredFile.objects.count() == 1
    finding = Finding.objects.get()
    assert finding.evidence["times"] == 3
    assert LedgerEntry.objects.filter(event="compliance.file_quarantined").count() == 3


def test_another_file_opens_another_case(steward):
    for header in ("tǒngfāng", "rx_count"):
        with pytest.raises(Refused):
            upload(steward, text_table([["医院名称", header], ["湖滨医院", "300"]]))

    assert Case.objects.count() == StoredFile.objects.count() == 2


def test_the_bytes_and_the_case_come_together_or_not_at_all(steward, monkeypatch):
    def fail(**_given):
        raise RuntimeError

    monkeypatch.setattr("compliance.actions.quarantine.open_case", fail)

    with pytest.raises(RuntimeError):
        upload(steward)

    assert not any(model.objects.exists() for model in (Case, Finding, StoredFile, LedgerEntry, ImportJob))


def test_a_column_of_counts_behind_a_column_of_patients_opens_a_case_without_the_bytes(
    client, steward, officer, tmp_path
):
    mixed = text_table([["医院名称", "患者姓名", "t.o.n.g.f.a.n.g"], ["湖滨医院", "无", "300"]])

    with pytest.raises(Refused) as refusal:
        upload(steward, mixed)

    case = Case.objects.get()
    assert refusal.value.case_number == case.number
    evidence = CaseEvidence.objects.get(case=case)
    assert (evidence.kind, evidence.file) == ("statement", None)
    assert hashlib.sha256(mixed).hexdigest() in evidence.words
    assert "患者姓名" in case.findings.get().evidence["text"]["zh"]
    assert case.findings.get().rule == "MR-11"
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("place", [1, 2, 3])
def test_wherever_the_column_stands_the_case_is_opened(steward, place):
    header = ["医院名称", "身份证号", "爱人姓名"]
    header.insert(place, "ｒｘ－ｃｏｕｎｔ")

    with pytest.raises(Refused):
        upload(steward, text_table([header, ["湖滨医院", "无", "无", "无"]]))

    assert Case.objects.get().findings.get().rule == "MR-11"


def test_the_refusal_stands_with_its_case_or_not_at_all(client, steward, monkeypatch):
    client.raise_request_exception = False

    def fail(**_given):
        raise RuntimeError

    monkeypatch.setattr("compliance.actions.quarantine.open_finding", fail)
    file = io.BytesIO(SECRET)
    file.name = "a.csv"
    client.force_login(steward)

    answer = client.post(reverse("imports:job-list"), {"kind": "hospital", "file": file})

    assert answer.status_code == 500
    assert not LedgerEntry.objects.filter(event__endswith="_refused").exists()
    assert not Case.objects.exists()


def book_of(*sheets, hidden=()):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for name, rows in sheets:
            page = book.add_worksheet(name)
            if name in hidden:
                page.very_hidden()
            for number, cells in enumerate(rows):
                page.write_row(number, 0, cells)
    return buffer.getvalue()


FINE = ("医院", [["医院名称", "等级"], ["湖滨医院", "三甲"]])


@pytest.mark.parametrize(
    ("sheets", "hidden"),
    [
        ([FINE, ("备用", [["医生", "处方量"], ["张三", 30]])], ()),
        ([FINE, ("备用", [["医生", "r.x.c.o.u.n.t"], ["张三", 30]])], ("备用",)),
        ([FINE, ("备用", [["2026 年 10 月"], ["各科室用药量统计"], ["科室", "数"], ["心内科", 30]])], ()),
        ([FINE, ("备用", [["备注"], ["本月开了30盒"], ["这周用了12支"]])], ()),
        ([FINE, ("统方", [["科室", "数"], ["心内科", 30]])], ()),
        ([("医院", [["处方量排名前列的医院"], *FINE[1]])], ()),
    ],
    ids=["other sheet", "hidden sheet", "its title", "its values", "its name", "title above the table"],
)
def test_every_part_of_a_workbook_is_looked_at(steward, sheets, hidden):
    content = book_of(*sheets, hidden=hidden)

    with pytest.raises(Refused):
        upload(steward, content)

    case = Case.objects.get()
    assert case.findings.get().rule == "MR-11"
    with open_verified(CaseEvidence.objects.get(case=case).file) as kept:
        assert kept.read() == content
    assert not ImportJob.objects.exists()


def test_a_workbook_with_instructions_and_lists_beside_its_table_is_taken(steward):
    said = [["填写说明"], ["请勿填写处方量、患者姓名等内容"], ["等级按卫生健康委公布填写"]]

    job = upload(steward, book_of(FINE, ("填写说明", said), ("代码表", [["代码", "等级"], ["3A", "三甲"]])))

    assert (job.sheet, job.headers) == ("医院", ["医院名称", "等级"])


def test_a_workbook_of_too_many_sheets_is_refused_in_words(steward):
    pages = [(f"S{number}", [["a"]]) for number in range(31)]

    with pytest.raises(actions.FileRefused) as refusal:
        upload(steward, book_of(FINE, *pages))

    assert refusal.value.code == "too_many_sheets"


def test_only_compliance_downloads_what_is_kept_apart(client, steward, officer, person):
    inspector = person("inspector", Role.INSPECTOR, name="巡视")
    with pytest.raises(Refused):
        upload(steward)
    evidence = CaseEvidence.objects.get()
    where = reverse("compliance:evidence-file", args=[evidence.case_id, evidence.pk])
    answers = {}

    for user in (steward, inspector, officer):
        client.force_login(user)
        answers[user.username] = client.get(where)

    assert answers["steward"].status_code in (403, 404)
    assert answers["inspector"].status_code == 403
    assert answers["officer"].content == SECRET


def test_a_file_that_names_patients_is_refused_and_not_kept(steward):
    with pytest.raises(Refused):
        upload(steward, text_table([["医院名称", "身份证号"], ["湖滨医院", "无"]]))

    assert not StoredFile.objects.exists()
    assert not Case.objects.exists()


def test_a_header_that_two_officers_found_innocent_lets_the_file_in(steward, officer, person):
    second = person("officer2", Role.COMPLIANCE, name="许宁")
    with pytest.raises(Refused):
        upload(steward)
    alarm = law.report_false_alarm(
        place="column", kind="hospital", text="t.o.n.g.f.a.n.g", claim="是公司名", by=steward, at=AT
    )
    law.release_alarm(alarm_id=alarm.pk, reason="公司名", by=officer, at=AT)
    with pytest.raises(Refused):
        upload(steward)

    law.release_alarm(alarm_id=alarm.pk, reason="同意", by=second, at=AT)
    job = upload(steward)

    assert job.file_name == "a.csv"
    assert Finding.objects.get().evidence["times"] == 2
