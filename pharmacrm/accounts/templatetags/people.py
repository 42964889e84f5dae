"""Words about people in templates."""

from __future__ import annotations

from typing import Any

from django import template

from pharmacrm.accounts import selectors

register = template.Library()


@register.filter
def role_names(user: Any) -> list[str]:
    """Return the words for a person's roles; no query when their groups were prefetched."""
    return selectors.role_names_of(user)
