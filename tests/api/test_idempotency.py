"""A repeated request has one effect."""

import threading

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
    gate = threading.Barrier(10)

    def ask():
        try:
            gate.wait(timeout=30)
            for _turn in range(5):
                statuses.append(
                    answer_once(_request(), "k", rep, lambda: _make_territory("north")).status_code
                )
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(statuses) == 50
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert Territory.objects.count() == 1
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.django_db
def test_a_post_without_a_key_is_400(person_client, rep):
    answer = person_client(rep).post("/api/v1/nowhere/", {}, format="json")

    assert answer.status_code == 400
    assert answer.json()["type"].endswith("idempotency_key_missing")
