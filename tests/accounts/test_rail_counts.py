"""The numbers beside the entries of the rail: asked of the cache at once, and right without it."""

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as NoRedis

from pharmacrm.accounts import navigation
from pharmacrm.common.caching import KeptClientCache
from pharmacrm.common.notifications import notify

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


def unread_shown(user):
    return {link.icon: link.count for link in navigation.phone_bar_of(user, "/field/")}["message-circle"]


def tell(user, at):
    notify(recipient=user, kind="bench.told", zh="消息", en="Message", at=at, url="/", subject="user:1")


def test_every_number_of_the_rail_is_one_question_to_the_cache(officer, monkeypatch):
    asked = []
    get_many = cache.get_many
    monkeypatch.setattr(
        cache, "get_many", lambda keys, **more: asked.append(list(keys)) or get_many(keys, **more)
    )

    navigation.rail_of(officer, "/compliance/")
    navigation.rail_of(officer, "/compliance/")

    assert len(asked) == 2
    assert len(asked[0]) > 1


def test_a_number_is_counted_again_after_its_seconds_only(rep, at):
    assert unread_shown(rep) == 0
    tell(rep, at)

    assert unread_shown(rep) == 0
    cache.clear()
    assert unread_shown(rep) == 1


def test_without_a_cache_the_numbers_are_counted(rep, at, monkeypatch):
    def gone(*_args, **_more):
        raise NoRedis("gone")

    monkeypatch.setattr(cache, "get_many", gone)
    tell(rep, at)

    assert unread_shown(rep) == 1


def test_one_client_serves_every_question_to_a_server():
    kept = KeptClientCache("redis://127.0.0.1:1/0", {})._cache

    assert kept.get_client() is kept.get_client("any key")
    assert kept.get_client(write=True) is kept.get_client(write=True)
