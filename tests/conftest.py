"""People, moments and doors the whole suite shares."""

import gc
import os
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import hypothesis
import pytest
from django.contrib.auth.models import Group
from django.utils import translation

from compliance.actions import packs
from compliance.actions.guarding import guard_tables
from content.actions import pages
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.kept import forget_all
from tests.emptying import empty_quickly

# The suite says the same of the same commit on any machine: the examples are drawn alike, and a slow one is no fault.
# The drills draw afresh.
hypothesis.settings.register_profile(
    "alike", derandomize=True, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(
    "afresh", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile(os.environ.get("PHARMACRM_EXAMPLES", "alike"))

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # Monday, 14:00 in Shanghai


def pytest_collection_finish(session):
    """Leave what is loaded out of every later search for garbage: a sixth of the suite's time went into looking at it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Set the database up as `make run` does: migrated, then guarded."""
    with django_db_blocker.unblock():
        guard_tables()
    empty_quickly()


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Forget lists that a process keeps for a minute, and the language of the last request: every test has its own."""
    forget_all()
    translation.deactivate()


@pytest.fixture(scope="session", autouse=True)
def pdf_read_once():
    """Read each PDF of the suite once, in its own process as ever: what a reader says hangs on the bytes alone."""
    run, known = pages._run, {}

    def read_once(verb: str, path: str, *rest: str) -> bytes:
        if verb != "read":
            return run(verb, path, *rest)
        asked = (sha256(Path(path).read_bytes()).digest(), pages.TIMEOUT_SECONDS, pages.READER, *rest)
        if asked not in known:
            known[asked] = run(verb, path, *rest)
        return known[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "_run", read_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def examples_judged_once():
    """Judge each example of a rule once where a book is adopted: what comes out hangs on the rule alone."""
    judge, known = packs.example_fails, {}

    def judge_once(rule, number: int) -> str:
        asked = (id(rule), number)
        if asked not in known:
            known[asked] = (rule, judge(rule, number))  # with the rule, so that no other gets its place
        return known[asked][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packs, "example_fails", judge_once)
        yield


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def person(db):
    """Make a person with roles: person("lin", Role.REP, name="林岚")."""

    def make(username: str, *roles: str, name: str = "", **fields) -> User:
        user = User.objects.create_user(
            username=username,
            email=f"{username}@example.com",
            password="correct horse battery",
            display_name=name or username,
            **fields,
        )
        user.groups.set([Group.objects.get_or_create(name=str(role))[0] for role in roles])
        return user

    return make


@pytest.fixture
def rep(person):
    return person("rep", Role.REP, name="林岚")


@pytest.fixture
def other_rep(person):
    return person("other_rep", Role.REP, name="赵一帆")


@pytest.fixture
def manager(person):
    return person("manager", Role.LINE_MANAGER, name="孟可")


@pytest.fixture
def reviewer(person):
    return person("reviewer", Role.MEDICAL, name="何若水")


@pytest.fixture
def officer(person):
    return person("officer", Role.COMPLIANCE, name="周正")
