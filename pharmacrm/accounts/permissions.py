"""Who may see and change people and territories."""

from __future__ import annotations

from .choices import Role
from .models import User


def can_see_people(user: User) -> bool:
    """Return whether the user may read the list of people and their roles."""
    return user.has_role(Role.ADMINISTRATOR, Role.COMPLIANCE, Role.INSPECTOR)


def can_manage_people(user: User) -> bool:
    """Return whether the user may add people, grant roles and end access."""
    return user.has_role(Role.ADMINISTRATOR)


def can_see_territories(user: User) -> bool:
    """Return whether the user may read the territory tree."""
    return user.has_role(
        Role.ADMINISTRATOR, Role.STEWARD, Role.LINE_MANAGER, Role.COMPLIANCE, Role.INSPECTOR, Role.MARKETING
    )


def can_manage_territories(user: User) -> bool:
    """Return whether the user may add territories and people to them."""
    return user.has_role(Role.ADMINISTRATOR, Role.STEWARD)


def reads_alignment(user: User) -> bool:
    """Return whether the user is led to rules of territories and realignments."""
    return user.has_role(Role.ADMINISTRATOR, Role.STEWARD, Role.LINE_MANAGER, Role.COMPLIANCE, Role.INSPECTOR)
