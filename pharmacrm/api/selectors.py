"""Reads about applications that use the API."""

from __future__ import annotations

from oauth2_provider.models import get_application_model


def title_of_client(key: str) -> str:
    """Return the name an application was registered under."""
    rows = get_application_model().objects.filter(client_id=key)
    return rows.values_list("name", flat=True).first() or ""
