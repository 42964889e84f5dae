"""Who may open imports. Each kind says itself who may import it."""

from __future__ import annotations

from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User

from .registry import kinds


def can_open_imports(user: User) -> bool:
    """People who may import a kind, and people who oversee."""
    return may_import_any(user) or user.has_role(Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR)


def may_import_any(user: User) -> bool:
    """Return whether there is a kind that a person may import."""
    return any(kind.action.may_import(user) for kind in kinds().values())
