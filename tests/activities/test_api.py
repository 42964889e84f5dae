"""Field work over REST: data for clients, acts for people only."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application

from activities.models import SafetyReport, SyncOperation, Visit
from compliance.models import LedgerEntry
from pharmacrm.accounts.choices import Role
from pharmacrm.common.ids import uuid7
from tests.factories.activities import make_ground
from tests.factories.compliance import qualify

VISITS = "/api/v1/activities/visits/"


@pytest.fixture
def here(rep, officer):
    """A doctor of a representative who is on sound footing today."""
    qualify(rep, "P1", by=officer, at=timezone.now())
    return make_ground(rep)


def token_of(user, *, grant, scope="read write act", service=None):
    application = Application.objects.create(
        name="client", user=service or user, client_type="confidential", authorization_grant_type=grant,
        redirect_uris="https://client.example/cb",
    )  # fmt: skip
    return AccessToken.objects.create(
        user=None if service else user,
        application=application,
        token=str(uuid7()),
        scope=scope,
        expires=timezone.now() + timedelta(hours=1),
    ).token


def send(client, url, body, token, key=None):
    return client.post(
        url,
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key or str(uuid7())},
    )


def body_of(doctor, **fields):
    now = timezone.now()
    return {
        "visit_id": str(uuid7()),
        "doctor_id": str(doctor.pk),
        "started_at": (now - timedelta(minutes=20)).isoformat(),
        "ended_at": (now - timedelta(minutes=2)).isoformat(),
        "ae_answer": "none",
        **fields,
    }


@pytest.mark.django_db
def test_a_person_submits_a_visit_through_a_token_they_granted(client, rep, here):
    token = token_of(rep, grant="authorization-code")

    answer = send(client, VISITS, body_of(here), token)

    assert answer.status_code == 201, answer.content
    assert answer.json()["state"] == "submitted"
    assert Visit.objects.get().rep == rep


@pytest.mark.django_db
def test_a_client_alone_never_submits_a_visit(client, rep, here, person):
    service = person("webinar", Role.SERVICE)
    token = token_of(rep, grant="client-credentials", service=service)

    answer = send(client, VISITS, body_of(here), token)

    assert answer.status_code == 403
    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_a_token_without_leave_to_act_does_not_act(client, rep, here):
    token = token_of(rep, grant="authorization-code", scope="read write")

    assert send(client, VISITS, body_of(here), token).status_code == 403


@pytest.mark.django_db
def test_the_same_key_submits_one_visit(client, rep, here):
    token, key, body = token_of(rep, grant="authorization-code"), str(uuid7()), body_of(here)

    first = send(client, VISITS, body, token, key)
    again = send(client, VISITS, body, token, key)

    assert first.json() == again.json()
    assert Visit.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [{"ae_answer": ""}, {"visit_id": "x"}, {"talks": [{"product_id": 7}]}, {"ended_at": "yesterday"}],
)
def test_a_body_of_the_wrong_shape_is_told_so(client, rep, here, fields):
    token = token_of(rep, grant="authorization-code")

    answer = send(client, VISITS, body_of(here, **fields), token)

    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/problem+json")
    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_a_safety_event_is_kept_before_the_visit(client, rep, here):
    token = token_of(rep, grant="authorization-code")
    body = body_of(here, ae_answer="reported", safety={"words": {"event": "皮疹"}})

    answer = send(client, VISITS, body, token)

    assert answer.status_code == 201
    assert str(SafetyReport.objects.get().visit_key) == body["visit_id"]


@pytest.mark.django_db
def test_the_log_of_a_phone_syncs_over_rest(client, rep, here):
    token = token_of(rep, grant="authorization-code")
    rows = [
        {"op_id": str(uuid7()), "kind": "visit.submit", "v": 1, "payload": body_of(here)} for _ in range(2)
    ]

    first = send(client, "/api/v1/activities/sync/", {"operations": rows}, token).json()
    again = send(client, "/api/v1/activities/sync/", {"operations": rows}, token).json()

    assert [row["status"] for row in first["answers"]] == ["done", "done"]
    assert [row["receipt"] for row in first["answers"]] == [row["receipt"] for row in again["answers"]]
    assert SyncOperation.objects.count() == 2


@pytest.mark.django_db
def test_a_list_holds_only_what_its_reader_may_see(client, rep, other_rep, here):
    send(client, VISITS, body_of(here), token_of(rep, grant="authorization-code"))

    own = client.get(VISITS, headers={"Authorization": f"Bearer {token_of(rep, grant='authorization-code')}"})
    other = client.get(
        VISITS, headers={"Authorization": f"Bearer {token_of(other_rep, grant='authorization-code')}"}
    )

    assert len(own.json()["results"]) == 1
    assert other.json()["results"] == []


def _reported(doctor, **fields):
    return body_of(doctor, ae_answer="reported", safety={"words": {"event": "皮疹"}}, **fields)


def _breaks(*args, **kwargs):
    raise RuntimeError("planted")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("planted", ["activities.actions.submit_visit", "activities.actions.visits.enqueue"])
def test_a_visit_that_fails_on_our_side_leaves_the_safety_answer(client, rep, here, monkeypatch, planted):
    client.raise_request_exception = False
    token, key, body = token_of(rep, grant="authorization-code"), str(uuid7()), _reported(here)
    with monkeypatch.context() as broken:
        broken.setattr(planted, _breaks)
        failed = send(client, VISITS, body, token, key)
    left = (failed.status_code, SafetyReport.objects.count(), Visit.objects.count())

    again = send(client, VISITS, body, token, key)
    once_more = send(client, VISITS, body, token, str(uuid7()))

    assert left == (500, 1, 0)
    assert (again.status_code, once_more.status_code) == (201, 201)
    assert str(SafetyReport.objects.get().visit_key) == body["visit_id"]
    assert LedgerEntry.objects.filter(event="activities.safety_reported").count() == 1
    assert Visit.objects.count() == 1


@pytest.mark.django_db
def test_a_safety_answer_is_kept_though_the_visit_cannot_be_read(client, rep, here):
    token = token_of(rep, grant="authorization-code")

    answer = send(client, VISITS, _reported(here, started_at="yesterday"), token)

    assert answer.status_code == 400
    assert SafetyReport.objects.get().doctor_id == here.pk
    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_other_words_about_the_same_visit_are_another_report(client, rep, here):
    token, body = token_of(rep, grant="authorization-code"), _reported(here)

    send(client, VISITS, body, token)
    send(client, VISITS, {**body, "safety": {"words": {"event": "头晕"}}}, token)

    assert SafetyReport.objects.count() == 2


@pytest.mark.django_db
def test_a_client_alone_leaves_no_safety_answer_either(client, rep, here, person):
    token = token_of(rep, grant="client-credentials", service=person("webinar", Role.SERVICE))

    answer = send(client, VISITS, _reported(here), token)

    assert answer.status_code == 403
    assert not SafetyReport.objects.exists()


@pytest.mark.django_db
def test_a_browser_session_without_its_token_leaves_nothing(rep, here):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(rep)

    answer = browser.post(
        VISITS, _reported(here), content_type="application/json", headers={"Idempotency-Key": str(uuid7())}
    )

    assert answer.status_code == 401
    assert not SafetyReport.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_product_nobody_knows_is_told_so_and_the_safety_answer_stays(client, rep, here):
    token = token_of(rep, grant="authorization-code")
    body = _reported(here, talks=[{"product_id": str(uuid7())}])
    body["safety"]["product_id"] = str(uuid7())

    answer = send(client, VISITS, body, token)

    assert answer.status_code == 409
    assert answer.json()["type"].endswith("unknown_reference")
    assert SafetyReport.objects.get().product_id is None
    assert not Visit.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_log_of_a_phone_is_told_of_a_product_nobody_knows(client, rep, here):
    body = body_of(here, talks=[{"product_id": str(uuid7())}])
    rows = [{"op_id": str(uuid7()), "kind": "visit.submit", "v": 1, "payload": body}]

    answer = send(
        client,
        "/api/v1/activities/sync/",
        {"operations": rows},
        token_of(rep, grant="authorization-code"),
    ).json()["answers"][0]

    assert (answer["status"], answer["answer"]["code"]) == ("rejected", "unknown_reference")
    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_a_body_too_large_for_the_door_is_413(client, rep, here):
    token = token_of(rep, grant="authorization-code")

    answer = send(client, VISITS, body_of(here, note="长" * 4_000_000), token)

    assert answer.status_code == 413
    assert answer["Content-Type"].startswith("application/problem+json")
