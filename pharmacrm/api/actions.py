"""Writes of the API room: which applications may call."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from oauth2_provider.generators import generate_client_id, generate_client_secret
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken

from compliance import actions as law
from pharmacrm.accounts.actions import create_user
from pharmacrm.accounts.models import User
from pharmacrm.accounts.permissions import can_manage_people
from pharmacrm.common.errors import DomainError


class ClientNotCreated(DomainError):
    """The application was not registered and nothing has changed."""

    code = "client_not_created"


class ClientNotChanged(DomainError):
    """The application stays as it was."""

    code = "client_not_changed"


@dataclass(frozen=True)
class NewClient:
    """A registered application. The secret is shown once: only its hash is kept."""

    client_id: str
    client_secret: str


@dataclass(frozen=True)
class NewAccount:
    """A service account that is made together with its client."""

    username: str
    email: str


@transaction.atomic
def create_client(
    *,
    name: str,
    service_account: User | None,
    redirect_uris: str,
    by: User | None,
    at: datetime,
    reason: str = "",
    proof: law.SignatureProof | None = None,
) -> NewClient:
    """Register an application: with a service account it uses client credentials, else code + PKCE for people.

    A person signs for it; `by` is None for the server's own command. Raises: ClientNotCreated when the account is not a
    service account, or an application for people has no address to return to; what `sign` raises.
    Source: RFC 6749, 4.1 and 4.4; RFC 7636.
    """
    if service_account is not None and not service_account.has_role("service"):
        raise ClientNotCreated(_("Client credentials need a service account."), field="service_account")
    if service_account is None and not redirect_uris:
        raise ClientNotCreated(
            _("An application for people needs an address to return to."), field="redirect_uris"
        )
    if redirect_uris and urlsplit(redirect_uris).scheme not in _schemes():
        raise ClientNotCreated(
            _("The address has to begin with %(schemes)s.") % {"schemes": ", ".join(_schemes())},
            field="redirect_uris",
        )
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
    _record("api.client_created", application, by=by, at=at, reason=reason or name, proof=proof)
    return NewClient(client_id=application.client_id, client_secret=secret)


@transaction.atomic
def register_client(
    *,
    name: str,
    reason: str,
    by: User,
    at: datetime,
    proof: law.SignatureProof,
    service_account: User | None = None,
    new_account: NewAccount | None = None,
    redirect_uris: str = "",
) -> NewClient:
    """Register an application as an administrator, with a service account that stands or is made for it.

    Raises: PermissionDenied; ClientNotCreated; PersonNotChanged; what `sign` raises. In every case nothing has changed.
    """
    if not can_manage_people(by):
        raise PermissionDenied
    if new_account is not None:
        service_account = create_user(
            username=new_account.username,
            email=new_account.email,
            display_name=name,
            job_title=_("Interface"),
            roles=["service"],
            line_manager_id=None,
            by=by,
            at=at,
        )
    return create_client(
        name=name,
        service_account=service_account,
        redirect_uris="" if service_account else redirect_uris,
        by=by,
        at=at,
        reason=reason,
        proof=proof,
    )


@transaction.atomic
def renew_secret(
    *, client_id: str, reason: str, by: User, at: datetime, proof: law.SignatureProof
) -> NewClient:
    """Give a client of its own right another secret; the old one and every token end at once.

    Raises: PermissionDenied; ClientNotChanged for an application that is disabled or has no secret; what `sign` raises.
    """
    application = _locked(client_id, by)
    if not application.client_secret:
        raise ClientNotChanged(_("An application for people has no secret."))
    secret = generate_client_secret()
    application.client_secret = secret
    application.save()
    _end_tokens(application)
    _record("api.secret_renewed", application, by=by, at=at, reason=reason, proof=proof)
    return NewClient(client_id=client_id, client_secret=secret)


@transaction.atomic
def disable_client(*, client_id: str, reason: str, by: User, at: datetime, proof: law.SignatureProof) -> None:
    """End an application for good: no account, no address to return to, no token. Its name stays for the ledger.

    Raises: PermissionDenied; ClientNotChanged when it is disabled already; what `sign` raises.
    """
    application = _locked(client_id, by)
    application.user = None
    application.redirect_uris = ""
    if application.client_secret:
        application.client_secret = generate_client_secret()  # told to nobody
    application.save()
    _end_tokens(application)
    _record("api.client_disabled", application, by=by, at=at, reason=reason, proof=proof)


def is_disabled(application: Application) -> bool:
    """Return whether an application can get no token any more."""
    return application.user_id is None and not application.redirect_uris


def _locked(client_id: str, by: User) -> Application:
    if not can_manage_people(by):
        raise PermissionDenied
    application = Application.objects.select_for_update(of=("self",)).get(client_id=client_id)
    if is_disabled(application):
        raise ClientNotChanged(_("This application is disabled."))
    return application


def _end_tokens(application: Application) -> None:
    for kind in (RefreshToken, AccessToken, Grant):
        kind.objects.filter(application=application).delete()


def _record(
    event: str,
    application: Application,
    *,
    by: User | None,
    at: datetime,
    reason: str,
    proof: law.SignatureProof | None,
) -> None:
    subject = f"client:{application.client_id}"
    signed = (
        [_sign(event, subject, application, reason, by=by, at=at, proof=proof)]
        if by is not None and proof
        else []
    )
    law.record(event, subject=subject, by=by, at=at, reason=reason, rows=signed)


def _sign(
    event: str,
    subject: str,
    application: Application,
    reason: str,
    *,
    by: User,
    at: datetime,
    proof: law.SignatureProof,
) -> Any:
    digest = client_fingerprint(application, reason)
    return law.sign(subject=subject, content_sha256=digest, meaning=event, by=by, at=at, proof=proof)


def client_fingerprint(application: Application, reason: str) -> str:
    """Return the SHA-256 of what an administrator signs about an application: what it is, for whom it acts, and why."""
    said = {
        "client_id": application.client_id,
        "name": application.name,
        "account": str(application.user_id or ""),
        "redirect_uris": application.redirect_uris,
        "reason": reason,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _schemes() -> list[str]:
    provider: dict[str, Any] = settings.OAUTH2_PROVIDER
    return list(provider["ALLOWED_REDIRECT_URI_SCHEMES"])
