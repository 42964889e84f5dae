"""Reads about applications that use the API."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, QuerySet
from oauth2_provider.models import Application, get_application_model

from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User


def title_of_client(key: str) -> str:
    """Return the name an application was registered under."""
    rows = get_application_model().objects.filter(client_id=key)
    return rows.values_list("name", flat=True).first() or ""


def clients() -> QuerySet[Application]:
    """Return all applications, newest first, with their account and `last_token_at`, when a token was last given."""
    found: Any = Application.objects.select_related("user").annotate(
        last_token_at=Max("accesstoken__created")
    )
    return found.order_by("-created", "-pk")


def service_accounts() -> QuerySet[User]:
    """Return the service accounts that are active, by name."""
    return User.objects.filter(groups__name=Role.SERVICE, is_active=True).order_by("username")
