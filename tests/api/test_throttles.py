"""A caller that asks too often is told when to come back."""

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisGone

from pharmacrm.api import throttles
from pharmacrm.common.models import IdempotencyKey

pytestmark = pytest.mark.django_db
ME = "/api/v1/me/"


@pytest.fixture(autouse=True)
def two_a_minute(settings, monkeypatch):
    settings.REST_PER_MINUTE = {"person": 2, "client": 3, "anonymous": 1}
    monkeypatch.setattr(throttles.time, "time", lambda: 1_800_000_013.5)
    cache.clear()
    yield
    cache.clear()


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "频繁"), ("en", "Too many")])
def test_the_third_request_of_a_minute_is_told_how_long_to_wait(rep, person_client, language, words):
    rep.language = language
    rep.save()
    client = person_client(rep)

    answers = [client.get(ME) for _ in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2]["Content-Type"].startswith("application/problem+json")
    assert answers[2].json()["type"] == "urn:pharmacrm:problem:throttled"
    assert words in answers[2].json()["title"]
    assert 1 <= int(answers[2]["Retry-After"]) <= 60


def test_the_next_minute_counts_anew(rep, person_client, monkeypatch):
    client = person_client(rep)
    for _ in range(3):
        client.get(ME)

    monkeypatch.setattr(throttles.time, "time", lambda: 1_800_000_080.0)

    assert client.get(ME).status_code == 200


def test_people_are_counted_apart_and_so_is_a_person_in_two_applications(
    rep, other_rep, person_client, client
):
    first = person_client(rep)
    for _ in range(3):
        first.get(ME)
    client.force_login(rep)

    assert person_client(other_rep).get(ME).status_code == 200
    assert client.get(ME).status_code == 200


def test_a_client_alone_has_its_own_figure(service_client):
    answers = [service_client.get(ME).status_code for _ in range(4)]

    assert answers == [200, 200, 200, 429]


def test_a_counter_that_does_not_answer_stops_nobody(rep, person_client, monkeypatch):
    def gone(*_args, **_kwargs):
        raise RedisGone

    client = person_client(rep)
    monkeypatch.setattr(throttles.cache, "count", gone)

    assert [client.get(ME).status_code for _ in range(4)] == [200] * 4


def test_a_post_that_came_too_often_keeps_its_key_free(rep, client):
    client.force_login(rep)
    for _ in range(2):
        client.get(ME)

    answer = client.post(
        "/api/v1/activities/visits/plan/",
        {},
        content_type="application/json",
        headers={"Idempotency-Key": "later"},
    )

    assert answer.status_code == 429
    assert not IdempotencyKey.objects.exists()
