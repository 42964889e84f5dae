"""A repeated request has one effect."""

import json
import os
import subprocess
import sys
import threading
import time

import pytest
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.test import RequestFactory

from pharmacrm.accounts.models import Territory
from pharmacrm.api.idempotency import answer_once
from pharmacrm.common.models import IdempotencyKey


def _request(body=b'{"a": 1}'):
    return RequestFactory().post("/api/v1/things/", data=body, content_type="application/json")


def _make_territory(code):
    Territory.objects.create(code=code, name=code, path=f"/{code}/")
    return JsonResponse({"code": code}, status=201)


@pytest.mark.django_db
def test_the_same_key_repeats_the_first_answer(rep):
    first = answer_once(_request(), "k", rep, lambda: _make_territory("north"))

    again = answer_once(_request(), "k", rep, lambda: _make_territory("south"))

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == b'{"code": "north"}'
    assert again["Idempotent-Replayed"] == "true"
    assert list(Territory.objects.values_list("code", flat=True)) == ["north"]


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_422(rep):
    answer_once(_request(), "k", rep, lambda: _make_territory("north"))

    other = answer_once(_request(b'{"a": 2}'), "k", rep, lambda: _make_territory("south"))

    assert other.status_code == 422
    assert Territory.objects.count() == 1


@pytest.mark.django_db
def test_a_failure_of_ours_leaves_nothing_and_may_be_tried_again(rep):
    def fails():
        _make_territory("north")
        return HttpResponse(status=503)

    failed = answer_once(_request(), "k", rep, fails)
    again = answer_once(_request(), "k", rep, lambda: _make_territory("north"))

    assert (failed.status_code, again.status_code) == (503, 201)
    assert Territory.objects.count() == 1


@pytest.mark.django_db
def test_another_person_may_use_the_same_key(rep, other_rep):
    answer_once(_request(), "k", rep, lambda: _make_territory("north"))
    answer_once(_request(), "k", other_rep, lambda: _make_territory("south"))

    assert Territory.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_have_one_effect(rep):
    statuses = []
    gate = threading.Barrier(50)

    def ask():
        try:
            gate.wait(timeout=60)
            statuses.append(answer_once(_request(), "k", rep, lambda: _make_territory("north")).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(statuses) == 50
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert Territory.objects.count() == 1
    assert IdempotencyKey.objects.count() == 1


HOLDS_THE_KEY = """
import sys, time, django
django.setup()
from django.test import RequestFactory
from pharmacrm.accounts.models import User
from pharmacrm.api.idempotency import answer_once

def never_ends():
    print("held", flush=True)
    time.sleep(600)

request = RequestFactory().post("/api/v1/things/", data=b'{"a": 1}', content_type="application/json")
answer_once(request, "k", User.objects.get(pk=sys.argv[1]), never_ends)
"""


@pytest.mark.django_db(transaction=True)
def test_a_key_held_by_a_server_that_died_is_free_within_a_minute(rep):
    address = connection.settings_dict
    place = f"postgresql://{address['USER']}:{address['PASSWORD']}@/{address['NAME']}?host={address['HOST']}"
    died = subprocess.Popen(
        [sys.executable, "-c", HOLDS_THE_KEY, str(rep.pk)],
        env={
            **os.environ,
            "DATABASE_URL": place if address["HOST"].startswith("/") else _over_tcp(address),
            "DJANGO_SETTINGS_MODULE": "pharmacrm.settings.test",
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert died.stdout.readline() == "held\n"
        meanwhile = answer_once(_request(), "k", rep, lambda: _make_territory("south"))
    finally:
        died.kill()
        died.wait()
        died.stdout.close()

    since = time.monotonic()
    while (again := answer_once(_request(), "k", rep, lambda: _make_territory("north"))).status_code == 409:
        assert time.monotonic() - since < 60
        time.sleep(0.05)

    assert meanwhile.status_code == 409
    assert json.loads(meanwhile.content)["type"].endswith("in_progress")
    assert again.status_code == 201
    assert list(Territory.objects.values_list("code", flat=True)) == ["north"]


def _over_tcp(address):
    return f"postgresql://{address['USER']}:{address['PASSWORD']}@{address['HOST']}:{address['PORT'] or 5432}/{address['NAME']}"


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    ("key", "status", "code"),
    [("", 400, "idempotency_key_missing"), ("k" * 256, 400, "idempotency_key_missing"), ("used", 422, "idempotency_key_reused")],
)  # fmt: skip
def test_each_no_about_a_key_is_a_problem_in_the_readers_language(
    person_client, rep, language, key, status, code
):
    rep.language = language
    rep.save()
    client = person_client(rep)
    client.post("/api/v1/activities/visits/", {"one": 1}, format="json", headers={"Idempotency-Key": "used"})

    answer = client.post(
        "/api/v1/activities/visits/",
        {"other": 2},
        format="json",
        headers={"Idempotency-Key": key} if key else {},
    )

    said = answer.json()
    assert (answer.status_code, said["type"]) == (status, f"urn:pharmacrm:problem:{code}")
    assert answer["Content-Type"].startswith("application/problem+json")
    assert set(said) >= {"type", "title", "status", "detail", "instance"}
    assert said["title"].isascii() is (language == "en")


@pytest.mark.django_db
def test_a_post_without_a_key_is_400(person_client, rep):
    answer = person_client(rep).post("/api/v1/nowhere/", {}, format="json")

    assert answer.status_code == 400
    assert answer.json()["type"].endswith("idempotency_key_missing")
