"""Error pages say what happened and what to do next, in the reader's language."""

import errno
import json

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.test import Client, RequestFactory
from redis.exceptions import RedisError

from pharmacrm.accounts.views import errors

pytestmark = pytest.mark.django_db


def test_a_403_names_who_can_grant(client, rep, administrator):
    client.force_login(rep)

    answer = client.get("/people/", headers={"accept-language": "zh-Hans"})

    assert answer.status_code == 403
    assert administrator.display_name in answer.content.decode()


def test_a_404_offers_the_way_home(client, rep):
    client.force_login(rep)

    answer = client.get("/nowhere/", headers={"accept-language": "en"})

    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


def test_a_404_of_the_api_is_problem_json(client):
    answer = client.get("/api/nowhere/")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_a_part_gets_a_part(client, rep):
    client.force_login(rep)

    page = client.get("/nowhere/", headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in page
    assert 'role="alert"' in page


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_a_fault_gives_a_number_that_stands_in_the_log(caplog, language, django_assert_num_queries):
    request = RequestFactory().get("/somewhere/")

    with django_assert_num_queries(0):
        answer = errors.server_error(request)

    number = caplog.records[-1].args[0]
    assert answer.status_code == 500
    assert number in answer.content.decode()


def test_a_fault_of_the_api_is_problem_json():
    answer = errors.server_error(RequestFactory().get("/api/v1/x/"))

    assert json.loads(answer.content)["status"] == 500
    assert json.loads(answer.content)["fault"]


def test_an_expired_form_says_that_nothing_was_done(rep):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(rep)

    answer = strict.post("/people/language/", {"language": "en"}, headers={"accept-language": "en"})

    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()


@pytest.mark.parametrize(
    ("view", "fault", "status"),
    [
        (errors.bad_request, SuspiciousOperation(), 400),
        (errors.forbidden, PermissionDenied("Ask somebody."), 403),
        (errors.not_found, Http404(), 404),
    ],
)
def test_somebody_unknown_gets_a_plain_page(client, view, fault, status):
    request = RequestFactory().get("/x/")

    answer = view(request, fault)

    assert answer.status_code == status
    assert 'class="rail"' not in answer.content.decode()


FULL_DISK = OSError(errno.ENOSPC, "No space left on device")
AWAY = [
    OperationalError("server closed the connection"),
    InterfaceError("gone"),
    RedisError("gone"),
    FULL_DISK,
]


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("path", ["/api/v1/x/", "/x/"])
def test_a_part_that_is_away_for_a_moment_is_503_and_says_when_to_ask_again(error, path):
    try:
        try:
            raise error
        except type(error) as cause:
            raise ValueError("wrapped on its way") from cause
    except ValueError:
        answer = errors.server_error(RequestFactory().get(path))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert ("problem+json" in answer.headers["Content-Type"]) is path.startswith("/api/")


def test_a_fault_of_the_program_stays_500():
    try:
        raise ValueError("a mistake")
    except ValueError:
        answer = errors.server_error(RequestFactory().get("/api/v1/x/"))

    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers
