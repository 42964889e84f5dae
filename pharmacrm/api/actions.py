"""Writes of the API room: which applications may call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from oauth2_provider.generators import generate_client_id, generate_client_secret
from oauth2_provider.models import Application

from compliance import actions as law
from pharmacrm.common.errors import DomainError


class ClientNotCreated(DomainError):
    """The application was not registered and nothing has changed."""

    code = "client_not_created"


@dataclass(frozen=True)
class NewClient:
    """A registered application. The secret is shown once: only its hash is kept."""

    client_id: str
    client_secret: str


@transaction.atomic
def create_client(
    *, name: str, service_account: Any | None, redirect_uris: str, by: Any | None, at: datetime
) -> NewClient:
    """Register an application: with a service account it uses client credentials, else code + PKCE for people.

    Raises: ClientNotCreated when the account is not a service account, or an application for people has no
    address to return to. Source: RFC 6749, 4.1 and 4.4; RFC 7636.
    """
    if service_account is not None and not service_account.has_role("service"):
        raise ClientNotCreated(_("Client credentials need a service account."))
    if service_account is None and not redirect_uris:
        raise ClientNotCreated(_("An application for people needs an address to return to."))
    secret = generate_client_secret() if service_account is not None else ""
    application = Application.objects.create(
        name=name,
        client_id=generate_client_id(),
        client_secret=secret,
        user=service_account,
        client_type=Application.CLIENT_CONFIDENTIAL if secret else Application.CLIENT_PUBLIC,
        authorization_grant_type=(
            Application.GRANT_CLIENT_CREDENTIALS if service_account else Application.GRANT_AUTHORIZATION_CODE
        ),
        redirect_uris=redirect_uris,
    )
    law.record("api.client_created", subject=f"client:{application.client_id}", by=by, at=at, reason=name)
    return NewClient(client_id=application.client_id, client_secret=secret)
