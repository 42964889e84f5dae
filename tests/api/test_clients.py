"""An administrator registers applications in the browser: signed, with a reason, the secret shown once."""

import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, RefreshToken

from compliance.models import LedgerEntry, Signature
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.api import actions
from tests.api.client_rows import a_client, proof, registration

pytestmark = pytest.mark.django_db
CLIENTS = "/people/clients/"


@pytest.fixture
def admin(person, client):
    user = person("guan", Role.ADMINISTRATOR, name="管然", language="en")
    client.force_login(user)
    return user


def token_of(client, client_id, secret):
    return client.post(
        "/o/token/",
        {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
            "scope": "read",
        },
    )


def shown(answer):
    made = answer.context["made"]
    return made.client_id, made.client_secret


def test_a_service_account_and_its_client_are_made_together_and_the_secret_works(client, admin):
    answer = client.post(f"{CLIENTS}new/", registration(admin)[1])

    client_id, secret = shown(answer)
    account = User.objects.get(username="warehouse")
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert account.roles == {"service"}
    assert secret not in client.get(f"{CLIENTS}{client_id}/").content.decode()
    assert token_of(client, client_id, secret).status_code == 200
    entry = LedgerEntry.objects.get(event="api.client_created")
    assert (entry.actor, entry.reason) == (admin, "新的数据仓库")
    assert Signature.objects.get(subject=f"client:{client_id}").signer == admin


def test_an_application_for_people_has_no_secret(client, admin):
    answer = client.post(
        f"{CLIENTS}new/",
        {
            "name": "Field tool",
            "kind": "people",
            "redirect_uris": "https://tool.example/back",
            **proof(admin),
        },
    )

    client_id, secret = shown(answer)
    application = Application.objects.get(client_id=client_id)
    assert (secret, application.client_type) == ("", "public")
    assert not User.objects.exclude(pk=admin.pk).exists()


def test_another_secret_ends_the_old_one_and_every_token(client, admin):
    old_id, old = shown(client.post(f"{CLIENTS}new/", registration(admin)[1]))
    assert token_of(client, old_id, old).status_code == 200

    answer = client.post(f"{CLIENTS}{old_id}/", {"act": "renew", **proof(admin), "code": ""})

    client_id, new = shown(answer)
    assert (client_id, AccessToken.objects.count()) == (old_id, 0)
    assert token_of(client, old_id, old).status_code == 401
    assert token_of(client, old_id, new).status_code == 200
    assert LedgerEntry.objects.filter(event="api.secret_renewed", actor=admin).count() == 1


def test_a_disabled_application_gets_no_token_and_stays_in_the_list(client, admin):
    client_id, secret = shown(client.post(f"{CLIENTS}new/", registration(admin)[1]))
    token = token_of(client, client_id, secret).json()["access_token"]

    client.post(f"{CLIENTS}{client_id}/", {"act": "disable", **proof(admin), "code": ""})
    again = client.post(f"{CLIENTS}{client_id}/", {"act": "disable", **proof(admin), "code": ""})

    page = client.get(CLIENTS).content.decode()
    client.logout()
    assert token_of(client, client_id, secret).status_code == 401
    assert client.get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert RefreshToken.objects.count() == 0
    assert again.status_code == 400
    assert "Warehouse" in page
    assert "Disabled" in page


@pytest.mark.parametrize("wrong", [{"password": "falsch"}, {"code": "000000"}, {"code": ""}, {"reason": ""}])
def test_without_both_factors_and_a_reason_nothing_is_registered(client, admin, wrong):
    answer = client.post(f"{CLIENTS}new/", {**registration(admin)[1], **wrong})

    assert answer.status_code == 400
    assert not Application.objects.exists()
    assert not User.objects.filter(username="warehouse").exists()
    assert not LedgerEntry.objects.filter(event__startswith="api.").exists()


def test_only_an_administrator_changes_one(person, client):
    officer = person("he", Role.COMPLIANCE)
    client.force_login(officer)
    client_id = a_client()["client_id"]

    with pytest.raises(actions.PermissionDenied):
        actions.disable_client(
            client_id=client_id,
            reason="x",
            by=officer,
            at=timezone.now(),
            proof=actions.law.SignatureProof("x"),
        )

    assert client.post(f"{CLIENTS}{client_id}/", {"act": "disable", "reason": "x"}).status_code == 403
    assert client.get(f"{CLIENTS}{client_id}/").status_code == 200


@pytest.mark.parametrize(
    "lack",
    [{"username": ""}, {"email": ""}, {"kind": "people"}, {"kind": "people", "redirect_uris": "ftp://x/y"}],
)
def test_each_kind_asks_for_its_own_fields(client, admin, lack):
    answer = client.post(f"{CLIENTS}new/", {**registration(admin)[1], **lack})

    assert answer.status_code == 400
    assert answer.context["form"].errors
    assert not Application.objects.exists()
