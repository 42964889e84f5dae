"""Who a token speaks for, and what a client alone may not do."""

import base64
import hashlib
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from compliance.models import LedgerEntry
from pharmacrm.api import actions
from pharmacrm.common.api import ActsAsPerson

pytestmark = pytest.mark.django_db


def test_client_credentials_speak_for_the_service_account(client, service, at):
    made = actions.create_client(name="warehouse", service_account=service, redirect_uris="", by=None, at=at)

    answer = client.post(
        "/o/token/",
        {
            "grant_type": "client_credentials",
            "client_id": made.client_id,
            "client_secret": made.client_secret,
            "scope": "read",
        },
    )
    who = client.get("/api/v1/me/", headers={"Authorization": f"Bearer {answer.json()['access_token']}"})

    assert who.json()["name"] == "Loader"
    assert who.json()["acts_as_person"] is False
    assert LedgerEntry.objects.filter(event="api.client_created").count() == 1


def test_code_with_pkce_speaks_for_the_person(client, rep, at):
    made = actions.create_client(
        name="field tool", service_account=None, redirect_uris="http://127.0.0.1:9/back", by=None, at=at
    )
    verifier = "v" * 64
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": made.client_id,
        "redirect_uri": "http://127.0.0.1:9/back",
        "scope": "read act",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    client.force_login(rep)

    allowed = client.post("/o/authorize/", {**asked, "allow": "true"}, query_params=asked)
    code = parse_qs(urlsplit(allowed["Location"]).query)["code"][0]
    token = client.post(
        "/o/token/",
        {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": made.client_id,
            "redirect_uri": "http://127.0.0.1:9/back",
            "code_verifier": verifier,
        },
    ).json()
    client.logout()
    who = client.get("/api/v1/me/", headers={"Authorization": f"Bearer {token['access_token']}"})

    assert who.json()["name"] == "林岚"
    assert who.json()["acts_as_person"] is True


def test_a_code_without_pkce_is_refused(client, rep, at):
    made = actions.create_client(
        name="field tool", service_account=None, redirect_uris="http://127.0.0.1:9/back", by=None, at=at
    )
    client.force_login(rep)

    answer = client.get(
        "/o/authorize/",
        {"response_type": "code", "client_id": made.client_id, "redirect_uri": "http://127.0.0.1:9/back"},
    )

    assert "error=invalid_request" in answer["Location"]
    assert "code=" not in answer.get("Location", "")


def test_the_consent_page_names_the_application_and_its_scopes(client, rep, at):
    made = actions.create_client(
        name="field tool", service_account=None, redirect_uris="http://127.0.0.1:9/back", by=None, at=at
    )
    client.force_login(rep)

    page = client.get(
        "/o/authorize/",
        {
            "response_type": "code",
            "client_id": made.client_id,
            "redirect_uri": "http://127.0.0.1:9/back",
            "scope": "act",
            "code_challenge": "x" * 43,
            "code_challenge_method": "S256",
        },
    )

    assert page.status_code == 200
    assert "field tool" in page.content.decode()
    assert "form-action 'self' http://127.0.0.1:9" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("grant", "user", "scopes", "allowed"),
    [
        ("client-credentials", None, {"act", "write"}, False),
        ("authorization-code", "somebody", {"read"}, False),
        ("authorization-code", "somebody", {"act"}, True),
        ("password", "somebody", {"act"}, False),
    ],
)
def test_only_a_person_with_the_act_scope_acts(rep, grant, user, scopes, allowed):
    token = SimpleNamespace(
        user_id=user,
        application=SimpleNamespace(authorization_grant_type=grant),
        allow_scopes=lambda wanted: set(wanted) <= scopes,
    )
    request = SimpleNamespace(user=rep, auth=token, method="POST")

    assert ActsAsPerson().has_permission(request, None) is allowed


def test_a_service_account_never_acts_as_a_person(service):
    request = SimpleNamespace(user=service, auth=None, method="POST")

    assert ActsAsPerson().has_permission(request, None) is False


def test_a_client_without_a_service_account_is_turned_away(client, rep, at):
    with pytest.raises(actions.ClientNotCreated):
        actions.create_client(name="x", service_account=rep, redirect_uris="", by=None, at=at)

    assert LedgerEntry.objects.count() == 0


def test_an_unknown_address_is_a_problem(client):
    answer = client.get("/api/v1/nowhere/")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_no_token_is_a_problem_with_401(client):
    answer = client.get("/api/v1/me/")

    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
