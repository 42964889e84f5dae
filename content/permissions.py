"""Who may do what with content. Who may see what is said by the selectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pharmacrm.accounts.choices import Role

from .choices import SeatRole

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

    from .models import MaterialVersion

WRITERS = (Role.MARKETING, Role.MEDICAL)
CLAIM_APPROVERS = (Role.MEDICAL, Role.REGULATORY)
RELEASERS = (Role.REGULATORY, Role.COMPLIANCE)
SEES_ALL_CONTENT = (
    Role.MARKETING,
    Role.MEDICAL,
    Role.REGULATORY,
    Role.COMPLIANCE,
    Role.PV,
    Role.INSPECTOR,
)


def can_see_content_desk(user: User) -> bool:
    """Products, evidence, claims and materials in every state."""
    return user.has_role(*SEES_ALL_CONTENT)


def can_see_library(user: User) -> bool:
    """Released materials."""
    return user.has_role(*SEES_ALL_CONTENT, Role.REP, Role.LINE_MANAGER)


def can_edit_product(user: User) -> bool:
    return user.has_role(Role.MARKETING, Role.REGULATORY)


def can_edit_label(user: User) -> bool:
    return user.has_role(Role.REGULATORY, Role.MARKETING)


def can_activate_label(user: User) -> bool:
    """A label in force stops what rests on the old one; regulatory or compliance says so."""
    return user.has_role(Role.REGULATORY, Role.COMPLIANCE)


def can_edit_evidence(user: User) -> bool:
    return user.has_role(*WRITERS)


def can_write_claim(user: User) -> bool:
    return user.has_role(*WRITERS)


def can_approve_claim(user: User) -> bool:
    return user.has_role(*CLAIM_APPROVERS)


def can_write_material(user: User) -> bool:
    return user.has_role(*WRITERS)


def can_edit_version(user: User, version: MaterialVersion) -> bool:
    """The author, while the role holds."""
    return can_write_material(user) and version.author_id == user.pk


def can_take_seat(user: User, version: MaterialVersion, role: str) -> bool:
    """Somebody of that role who did not write it. Source: RDPAC 2022 art. 13; 21 CFR 11.10(j)."""
    return role in SeatRole.values and user.has_role(role) and version.author_id != user.pk


def can_annotate(user: User, version: MaterialVersion) -> bool:
    return user.has_role(*SeatRole.values) or version.author_id == user.pk


def can_release(user: User, version: MaterialVersion) -> bool:
    return user.has_role(*RELEASERS) and version.author_id != user.pk


def can_withdraw(user: User, version: MaterialVersion) -> bool:
    """Stopping is open to everybody who can answer for it."""
    return user.has_role(Role.MEDICAL, Role.REGULATORY, Role.COMPLIANCE) or can_edit_version(user, version)


def can_recall(user: User) -> bool:
    return user.has_role(Role.REGULATORY, Role.COMPLIANCE)
