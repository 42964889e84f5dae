"""Tokens: of a service, and of a person."""

from datetime import timedelta

import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application
from rest_framework.test import APIClient

from pharmacrm.accounts.choices import Role


@pytest.fixture
def service(person):
    return person("loader", Role.SERVICE, name="Loader")


def _client(application, user, scope):
    token = AccessToken.objects.create(
        user=user,
        application=application,
        token=f"token-{application.pk}-{user.pk if user else 0}-{scope.replace(chr(32), chr(45))}",
        scope=scope,
        expires=timezone.now() + timedelta(hours=1),
    )
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token.token}")
    return client


@pytest.fixture
def service_client(service):
    application = Application.objects.create(
        name="warehouse",
        user=service,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
    )
    return _client(application, None, "read write")


@pytest.fixture
def person_client():
    """Make a client that a person let act for them: person_client(rep)."""

    def make(user, scope="read act"):
        application, _created = Application.objects.get_or_create(
            name="field tool",
            client_type=Application.CLIENT_PUBLIC,
            authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
            redirect_uris="http://127.0.0.1:9/back",
        )
        return _client(application, user, scope)

    return make
