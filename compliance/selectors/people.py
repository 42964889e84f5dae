"""People as the kernel may see them: by role, without knowing the accounts app."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet


def people_with_role(role: str) -> QuerySet[Any]:
    """Return the active people who hold a role, by name."""
    return get_user_model().objects.filter(groups__name=role, is_active=True).order_by("display_name")
