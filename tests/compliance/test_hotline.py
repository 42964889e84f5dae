"""The hotline: a report without a name, a code shown once, and the way back."""

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from compliance import actions as law
from compliance.actions.hotline import Attachment, code_hash, report_of
from compliance.models import Case, CaseEvidence, HotlineMessage, HotlineReport, LedgerEntry
from pharmacrm.common.models import Notification, StoredFile
from tests.conftest import AT

pytestmark = pytest.mark.django_db
SECRET = "李经理让我们把餐费拆成三张发票"


@pytest.fixture(autouse=True)
def fresh_counter():
    cache.clear()


@pytest.fixture
def told(officer):
    return law.report_concern(concern="bribery", words=SECRET, at=AT)


def test_a_report_opens_a_case_and_tells_the_officers(told, officer):
    report, code = told

    case = Case.objects.get()
    assert (case.source, case.kind, case.opened_by, report.case) == ("hotline", "hotline", None, case)
    assert case.due_at is not None
    assert report_of(code) == report
    assert len(code.replace("-", "")) == 16
    assert Notification.objects.get(recipient=officer, kind="concern_reported").url.endswith(f"{case.pk}/")
    assert LedgerEntry.objects.filter(event="compliance.concern_reported", actor=None).count() == 1


def test_a_code_is_found_however_it_is_typed_and_stands_nowhere_in_the_database(told):
    report, code = told

    assert report_of(code.lower().replace("-", " ")) == report
    assert report_of(code[:-1] + ("2" if code[-1] != "2" else "3")) is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM compliance_hotlinereport row WHERE row::text LIKE %s",
                       [f"%{code.replace('-', '')}%"])  # fmt: skip
        assert cursor.fetchone()[0] == 0
    assert report.code_hash == code_hash(code)


def test_what_was_told_is_sealed_in_rows_and_versions(told):
    with connection.cursor() as cursor:
        for table in ("hotlinemessage", "historicalhotlinemessage", "case", "historicalcase"):
            cursor.execute(
                f"SELECT count(*) FROM compliance_{table} row WHERE row::text LIKE %s", [f"%{SECRET}%"]
            )
            assert cursor.fetchone()[0] == 0
    assert HotlineMessage.objects.get().words == SECRET


@pytest.mark.parametrize(
    "change", [{"concern": "gossip"}, {"words": "  "}, {"files": [Attachment("a", "text/plain", [b"x"])] * 6}]
)
def test_a_report_that_says_nothing_is_not_kept(officer, change):
    with pytest.raises(law.NotReported):
        law.report_concern(**{"concern": "bribery", "words": "x", "at": AT, **change})

    assert not Case.objects.exists()
    assert not HotlineReport.objects.exists()


def test_the_team_asks_and_the_reporter_answers_by_code(told, officer, rep):
    report, code = told
    law.triage_case(case_id=report.case_id, risk="high", words="x", by=officer, at=AT)
    law.answer_reporter(case_id=report.case_id, words="是哪一天？", by=officer, at=AT)

    law.write_again(code=code, words="周三晚上", at=AT)

    said = [(row.words, row.by) for row in report.messages.order_by("said_at", "pk")]
    assert said == [(SECRET, None), ("是哪一天？", officer), ("周三晚上", None)]
    assert Notification.objects.filter(recipient=officer, kind="reporter_wrote").count() == 1
    with pytest.raises(law.NotReported):
        law.write_again(code="AAAA", words="x", at=AT)


def test_only_the_team_answers_and_only_cases_of_the_hotline(told, officer, rep):
    report, _code = told
    other = law.open_case(kind="officer", subject="event:2", title="x", by=officer, at=AT)

    with pytest.raises(law.NotReported):
        law.answer_reporter(case_id=other.pk, words="x", by=officer, at=AT)
    with pytest.raises(PermissionDenied):
        law.answer_reporter(case_id=report.case_id, words="x", by=rep, at=AT)

    assert HotlineMessage.objects.count() == 1


def test_somebody_signed_in_reports_without_being_seen(officer, rep):
    door = Client()
    door.force_login(rep)
    answer = door.post(
        reverse("hotline"),
        {"concern": "counting", "words": SECRET, "files": [SimpleUploadedFile("表.txt", b"text")]},
    )
    code = answer.context["code"]

    again = door.post(reverse("hotline-return"), {"code": code, "words": "补充一点"})

    assert answer.status_code == again.status_code == 200
    assert "补充一点" in again.content.decode()
    for model in (Case, HotlineReport, HotlineMessage, CaseEvidence):
        assert not model.history.filter(history_user__isnull=False).exists(), model
    assert not LedgerEntry.objects.filter(actor=rep).exists()
    assert StoredFile.objects.get().stored_by is None


def test_a_report_is_refused_after_ten_in_an_hour_from_one_address(officer):
    door = Client()
    for _time in range(10):
        assert door.post(reverse("hotline"), {"concern": "data", "words": "x"}).status_code == 200

    assert door.post(reverse("hotline"), {"concern": "data", "words": "x"}).status_code == 429
    assert HotlineReport.objects.count() == 10


def test_a_wrong_code_opens_nothing(told):
    answer = Client().post(reverse("hotline-return"), {"code": "2222-2222-2222-2222"})

    assert answer.status_code == 400
    assert SECRET not in answer.content.decode()


def test_the_page_of_the_report_shows_no_name_of_who_answers(told, officer):
    report, code = told
    law.answer_reporter(case_id=report.case_id, words="收到", by=officer, at=AT)

    page = Client().post(reverse("hotline-return"), {"code": code}).content.decode()

    assert "收到" in page
    assert officer.display_name not in page


def test_how_to_reach_a_reporter_is_shown_to_the_team_and_to_no_inspector(officer, person):
    report, _code = law.report_concern(concern="data", words="x", contact="微信 zhangsan", at=AT)
    inspector = person("inspector", "inspector")
    pages = []
    for reader in (officer, inspector):
        door = Client()
        door.force_login(reader)
        pages.append(door.get(reverse("compliance:case-detail", args=[report.case_id])).content.decode())

    assert "zhangsan" in pages[0]
    assert "zhangsan" not in pages[1]
