"""Every kind of bad file gets a clear answer in the reader's language, on the page and over REST, and leaves nothing."""

import errno
import io
import time
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application

from compliance.models import LedgerEntry
from doctors.models import Hospital
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import DomainError
from pharmacrm.common.files import FileTooLarge
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import Job, StoredFile
from pharmacrm.imports import actions, selectors
from pharmacrm.imports.models import ImportJob, ImportRow
from tests.factories.imports import text_table, workbook

pytestmark = pytest.mark.django_db

HEADER = ["医院名称", "等级", "床位数"]
GOOD = ["湖滨医院", "三甲", "800"]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _archive(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def _mixed():
    head = text_table([HEADER, *([f"第{n}医院", "三甲", "1"] for n in range(40))])
    return head + "湖滨医院,三甲,2\r\n".encode("gb18030")


# name, bytes, a word of the answer in Chinese, a word of it in English
REFUSED = [
    ("a picture", "a.xlsx", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "不是", "not a spreadsheet"),
    ("a program", "a.csv", b"MZ\x90\x00" + b"\x00" * 90, "不是", "not a spreadsheet"),
    ("a PDF", "a.xlsx", b"%PDF-1.7\n%\xe2\xe3\n", "不是", "not a spreadsheet"),
    ("a web page", "a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "网页", "web page"),
    ("an archive", "a.zip", _archive(readme__txt="hello"), "压缩", "archive"),
    ("a broken workbook", "a.xlsx", workbook([HEADER, GOOD])[:900], "损坏", "damaged"),
    ("a package of nothing", "a.xlsx", _archive(xl__workbook__xml="<x"), "损坏", "damaged"),
    ("a workbook with a password", "a.xlsx", OLE + b"\x00" * 500 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 200,
     "密码", "password"),
    ("two encodings in one text", "a.csv", _mixed(), "编码", "encodings"),
    ("an encoding nobody knows", "a.csv", "医院名称,等级\n".encode() + b"\xff\xfe\x81\x00\x9d" * 40, "", ""),
    ("nothing", "a.csv", b"", "空", "empty"),
    ("a header alone", "a.csv", text_table([HEADER]), "", "rows"),
]  # fmt: skip


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


@pytest.fixture
def send(client, steward):
    """Send a file through a door in a language. Returns: status and the words a person or program reads."""

    def through(door, language, name, content):
        steward.language = language
        steward.save()
        file = io.BytesIO(content)
        file.name = name
        if door == "page":
            client.force_login(steward)
            answer = client.post(reverse("imports:job-list"), {"kind": "hospital", "file": file})
            form = answer.context["form"] if answer.context and "form" in answer.context else None
            said = " ".join(str(one) for errors in form.errors.values() for one in errors) if form else ""
            return answer.status_code, said or answer.content.decode()
        application, _new = Application.objects.get_or_create(
            name="tool", client_type="public", authorization_grant_type="authorization-code",
            redirect_uris="http://127.0.0.1:9/back",
        )  # fmt: skip
        token, _new = AccessToken.objects.get_or_create(
            user=steward, application=application, scope="read write act", token="bad-input",
            defaults={"expires": timezone.now() + timedelta(hours=1)},
        )  # fmt: skip
        answer = client.post(
            "/api/v1/imports/",
            {"kind": "hospital", "file": file},
            headers={"Authorization": f"Bearer {token.token}", "Idempotency-Key": str(uuid7())},
        )
        assert answer["Content-Type"].startswith("application/problem+json")
        return answer.status_code, answer.json()["detail"] + str(answer.json().get("errors", ""))

    return through


def nothing_is_left():
    return not any(model.objects.exists() for model in (ImportJob, ImportRow, StoredFile, Hospital, Job))


def nothing_is_imported():
    """Nothing but the bytes that a case keeps apart."""
    rest = (ImportJob, ImportRow, Hospital, Job)
    return StoredFile.objects.count() == 1 and not any(model.objects.exists() for model in rest)


@pytest.mark.parametrize("door", ["page", "REST"])
@pytest.mark.parametrize(
    ("name", "content", "zh", "en"), [pytest.param(*case[1:], id=case[0]) for case in REFUSED]
)
def test_a_file_that_is_no_table_is_told_so_in_both_languages(send, door, name, content, zh, en):
    for language, words in (("zh-hans", zh), ("en", en)):
        status, said = send(door, language, name, content)

        assert status in {400, 409}
        assert words in said
        assert any("\u4e00" <= letter <= "\u9fff" for letter in said.replace(name, "")) is (
            language == "zh-hans"
        )
    assert nothing_is_left()


@pytest.mark.parametrize("door", ["page", "REST"])
@pytest.mark.parametrize(("language", "words"), [("zh-hans", "1 MB"), ("en", "larger than 1 MB")])
def test_a_file_above_the_limit_is_told_so(send, settings, door, language, words):
    settings.MAX_UPLOAD_BYTES = 1024 * 1024

    status, said = send(door, language, "a.csv", text_table([HEADER]) + b"x,3a,1\r\n" * 200_000)

    assert status in {400, 409}
    assert words in said
    assert nothing_is_left()


def test_three_hundred_megabytes_are_put_down_at_the_limit(steward, at, settings):
    sent = []

    def chunks():
        for _ in range(300):
            sent.append(1)
            yield b"x" * (1024 * 1024)

    with pytest.raises(FileTooLarge):
        actions.upload_file(kind="hospital", file_name="a.csv", chunks=chunks(), by=steward, at=at)

    assert len(sent) == settings.MAX_UPLOAD_BYTES // (1024 * 1024) + 1
    assert nothing_is_left()


class Endless:
    """What a browser sends, made while it is asked for: so many bytes, in no more memory than one piece."""

    def __init__(self, size):
        self.left, self.largest = size, 0

    def read(self, size=-1):
        assert size > 0, "a body of this size is never read whole"
        piece = b"x" * min(size, self.left)
        self.left -= len(piece)
        self.largest = max(self.largest, len(piece))
        return piece

    readline = read


@pytest.mark.parametrize("path", ["/imports/", "/api/v1/imports/"])
@pytest.mark.parametrize(("language", "words"), [("zh-hans", "200 MB"), ("en", "A file may have 200 MB")])
def test_three_hundred_megabytes_sent_through_the_door_are_put_down_unread(
    client, steward, path, language, words
):
    steward.language = language
    steward.save()
    client.force_login(steward)
    size = 300 * 1024 * 1024
    body, began = Endless(size), time.monotonic()

    answer = client.generic(
        "POST", path, b"", content_type="multipart/form-data; boundary=b", CONTENT_LENGTH=str(size),
        HTTP_ACCEPT_LANGUAGE=language, **{"wsgi.input": body},
    )  # fmt: skip

    assert answer.status_code == 413
    assert words in answer.content.decode()
    assert ("problem+json" in answer["Content-Type"]) is path.startswith("/api/")
    assert (body.left, body.largest <= 1024 * 1024) == (0, True)
    assert time.monotonic() - began < 5
    assert nothing_is_left()


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "磁盘空间"), ("en", "no room left")])
@pytest.mark.parametrize("door", ["page", "REST"])
def test_a_full_disk_is_answered_and_leaves_nothing(send, client, monkeypatch, door, language, words):
    def no_room(*_args, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pharmacrm.common.files.default_storage.save", no_room)
    client.raise_request_exception = False

    status, said = send(door, language, "a.csv", text_table([HEADER, GOOD]))

    assert status == 503
    assert words in said
    assert nothing_is_left()


@pytest.mark.parametrize("door", ["page", "REST"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("header", ["处方量", "月处方数", "Rx count", "科室用药量", "处 方 量（盒）"])
def test_a_column_of_prescription_counts_is_refused_with_its_clause_and_recorded_once(
    send, door, language, header
):
    status, said = send(door, language, "a.csv", text_table([[*HEADER, header], [*GOOD, "120"]]))

    assert status == 409
    assert said
    assert nothing_is_imported()
    assert LedgerEntry.objects.filter(event__endswith="_refused").count() == 1


CELLS = [
    ("merged headers", workbook([["", "", ""], HEADER, GOOD], merges=[(0, 0, 0, 2, "医院基本情况")]), set(), 1),
    ("duplicate rows", text_table([HEADER, GOOD, GOOD]), {("name", "duplicate")}, 1),
    ("a formula", workbook([HEADER, ["湖滨医院", "三甲", ""]], formulas=[(1, 2, "=1+1", 2)]), {("beds", "formula")}, 0),
    ("a formula as text", text_table([HEADER, ["=HYPERLINK(\"http://x\")", "三甲", "1"]]), {("name", "formula")}, 0),
    ("an unknown level", text_table([HEADER, ["湖滨医院", "省级", "1"]]), {("level", "unknown_level")}, 0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "faults", "good"), [pytest.param(*case[1:], id=case[0]) for case in CELLS]
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_bad_cell_is_named_and_the_good_rows_stand(steward, at, content, faults, good, language):
    steward.language = language
    steward.save()
    job = actions.upload_file(kind="hospital", file_name="a.xlsx", chunks=[content], by=steward, at=at)
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
    actions.check_rows(import_id=job.pk, at=at)

    job.refresh_from_db()
    found = {
        (fault["column"], fault["code"]) for row in ImportRow.objects.filter(job=job) for fault in row.faults
    }

    assert found == faults
    assert job.rows_good == good
    assert not Hospital.objects.exists()
    assert selectors.fault_counts(job) is not None


def test_a_commit_asked_for_twice_at_once_writes_once(steward, at):
    job = actions.upload_file(
        kind="hospital", file_name="a.csv", chunks=[text_table([HEADER, GOOD])], by=steward, at=at
    )
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
    actions.check_rows(import_id=job.pk, at=at)
    actions.commit_import(import_id=job.pk, by=steward, at=at, only_good=False)
    actions.write_rows(import_id=job.pk, at=at)

    with pytest.raises(DomainError):
        actions.commit_import(import_id=job.pk, by=steward, at=at, only_good=False)

    assert Hospital.objects.count() == 1


def test_a_list_of_prescribers_with_scores_is_refused_whatever_its_columns_are_called(send):
    header = ["npi", "specialty", "state", "total_patients", "avg_patient_risk", "actual_claims", "predicted_claims",
              "opportunity", "persuadability", "target_score", "tier"]  # fmt: skip
    row = [
        "0000000001",
        "Endocrinology",
        "IL",
        "970",
        "1.22",
        "1277",
        "4950",
        "3673",
        "0.74",
        "2726",
        "Priority",
    ]

    status, said = send("page", "en", "doctors.csv", text_table([["name", *header], ["Ann Lee", *row]]))

    assert status == 409
    assert said
    assert nothing_is_imported()
    assert LedgerEntry.objects.filter(event__endswith="_refused").count() == 1
