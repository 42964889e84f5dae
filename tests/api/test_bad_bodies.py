"""A body of the wrong shape, half a body, or none: each is a problem in the reader's language, and nothing is done."""

import io
import json

import pytest
from django.urls import reverse

from activities.models import Visit
from compliance.models import LedgerEntry
from pharmacrm.accounts.choices import Role
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import StoredFile
from pharmacrm.imports.models import ImportJob
from tests.activities import act_rows as activities
from tests.content import act_rows as content
from tests.doctors import act_rows as doctors
from tests.factories.imports import text_table
from tests.imports.permission_rows import job as an_import

pytestmark = pytest.mark.django_db

ACTS = [
    act for rows in (activities, content, doctors) for act in rows.ACTS if act.url_name.startswith("api:")
]
NEEDS_NO_BODY = {
    "api:activities-api:visit-start",
    "api:content-api:material-submit",
    "api:content-api:material-take-back",
    "api:doctors-api:trial-start",
    "api:doctors-api:match-weights-list",
    "api:doctors-api:match-weights-use",
}
NAMES = [
    "visit_id", "doctor_id", "version_id", "operations", "pages", "planned_at", "model", "reason", "expires_on", "decision",
    "role", "file_sha256", "password", "started_at", "ended_at", "ae_answer", "kind", "file",
]  # fmt: skip
BODIES = {
    "a list": b"[]",
    "a text": b'"x"',
    "a number": b"7",
    "nothing": b"null",
    "half of one": b'{"visit_id": "018f',
    "not utf-8": b'{"note": "\xff\xfe"}',
    "no json": b"visit_id=1",
    "foreign fields": b'{"role": "administrator", "is_superuser": true}',
    "wrong kinds": json.dumps({name: {"$ne": None} for name in NAMES}).encode(),
    "very deep": b'{"a":' * 2000 + b"1" + b"}" * 2000,
    "not a number": b'{"pages": [{"page": NaN, "dwell_ms": Infinity}]}',
    "a key twice": b'{"reason": "", "reason": {}}',
}  # fmt: skip


@pytest.mark.parametrize(
    "act", [pytest.param(act, id=act.url_name[4:]) for act in ACTS if act.url_name not in NEEDS_NO_BODY]
)
def test_a_body_of_the_wrong_shape_is_a_problem_and_does_nothing(act, person, client):
    actor = person("asker", act.role, language="en")
    kwargs, _data = act.arrange(actor)
    client.force_login(actor)
    client.raise_request_exception = False
    before = LedgerEntry.objects.count()

    answers = {
        name: _post(client, reverse(act.url_name, kwargs=kwargs), body) for name, body in BODIES.items()
    }

    for name, answer in answers.items():
        said = answer.json()
        assert 400 <= answer.status_code < 500, (name, answer.content)
        assert answer["Content-Type"].startswith("application/problem+json"), name
        assert set(said) >= {"type", "title", "status", "detail", "instance"}, name
        assert (said["title"] + said["detail"]).isascii(), name
    assert LedgerEntry.objects.count() == before


def _post(client, address, body):
    return client.post(
        address, body, content_type="application/json", headers={"Idempotency-Key": str(uuid7())}
    )


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""]
)
def test_a_media_type_nobody_reads_is_told_so(content_type, person, client):
    client.force_login(person("asker", Role.REP))

    answer = client.generic(
        "POST",
        "/api/v1/activities/visits/",
        b"<visit/>",
        content_type=content_type,
        headers={"Idempotency-Key": str(uuid7())},
    )

    assert answer.status_code in {400, 415}
    assert answer["Content-Type"].startswith("application/problem+json")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in answer.json()["title"])


@pytest.mark.parametrize("step", ["columns", "commit"])
def test_a_step_of_an_import_with_a_body_of_the_wrong_shape_changes_no_state(step, person, client):
    client.force_login(person("steward", Role.STEWARD))
    client.raise_request_exception = False
    kwargs = an_import(None)
    address = reverse(f"api:imports-api:import-{step}", kwargs=kwargs)

    statuses = {name: _post(client, address, body).status_code for name, body in BODIES.items()}

    assert [name for name, status in statuses.items() if not 400 <= status < 500] == []
    assert client.get(f"/api/v1/imports/{kwargs['pk']}/").json()["state"] == "mapping"


FORM = (
    b'--cut\r\nContent-Disposition: form-data; name="kind"\r\n\r\nhospital\r\n'
    b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n'
    + text_table([["医院名称"], *([f"第{n}医院"] for n in range(200))])
    + b"\r\n--cut--\r\n"
)


def _send(client, path, body, sent, content_type):
    """Announce the whole body and send only so many bytes of it."""
    return client.generic(
        "POST",
        path,
        b"replaced below",
        content_type=content_type,
        headers={"Idempotency-Key": str(uuid7())},
        **{"wsgi.input": io.BytesIO(body[:sent]), "CONTENT_LENGTH": str(len(body))},
    )


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("path", ["/imports/", "/api/v1/imports/"])
@pytest.mark.parametrize(("language", "words"), [("zh-hans", "请求在途中断"), ("en", "broke off")])
def test_a_file_that_broke_off_on_its_way_is_no_half_a_file(share, path, language, words, person, client):
    client.force_login(person("steward", Role.STEWARD, language=language))

    answer = _send(client, path, FORM, int(len(FORM) * share), "multipart/form-data; boundary=cut")

    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not ImportJob.objects.exists()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
@pytest.mark.parametrize("path", ["/api/v1/activities/visits/", "/api/v1/activities/sync/", "/field/sync/"])
def test_a_visit_that_broke_off_on_its_way_is_no_visit(share, path, person, client):
    rep = person("asker", Role.REP)
    _kwargs, body = activities.synced_visit(rep) if "sync" in path else activities.rest_visit(rep)
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    client.force_login(rep)

    answer = _send(client, path, body + b"   ", int(len(body) * share), "application/json")

    assert answer.status_code == 400
    assert "请求" in json.dumps(answer.json(), ensure_ascii=False)
    assert not Visit.objects.exists()


def test_a_whole_file_passes(person, client):
    client.force_login(person("steward", Role.STEWARD))

    answer = _send(client, "/api/v1/imports/", FORM, len(FORM), "multipart/form-data; boundary=cut")

    assert answer.status_code == 201
    assert ImportJob.objects.get().headers == ["医院名称"]
