"""Who may do what with the customer master. Row visibility is the selectors' matter."""

from __future__ import annotations

from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User


def can_edit_master(user: User) -> bool:
    """Stewards, and the interfaces of other systems, change the customer master."""
    return user.has_role(Role.STEWARD, Role.SERVICE)


def can_import(user: User) -> bool:
    """Stewards and interfaces import files."""
    return user.has_role(Role.STEWARD, Role.SERVICE)


def can_assign_doctor(user: User) -> bool:
    """Stewards, line managers and administrators put doctors into territories."""
    return user.has_role(Role.STEWARD, Role.LINE_MANAGER, Role.ADMINISTRATOR, Role.SERVICE)


def can_record_consent(user: User) -> bool:
    """People who talk to doctors, and stewards, write down what a doctor answered."""
    return user.has_role(
        Role.REP, Role.LINE_MANAGER, Role.MEDICAL, Role.STEWARD, Role.COMPLIANCE, Role.SERVICE
    )


def can_reveal_contact(user: User) -> bool:
    """People who have to reach a doctor read a full contact point, one at a time."""
    return user.has_role(Role.REP, Role.LINE_MANAGER, Role.MEDICAL, Role.PV, Role.STEWARD, Role.COMPLIANCE)


def can_ask_change(user: User) -> bool:
    """Whoever works with doctors proposes corrections."""
    return user.has_role(Role.REP, Role.LINE_MANAGER, Role.MEDICAL, Role.MARKETING, Role.STEWARD)


def can_decide_change(user: User) -> bool:
    """Stewards decide on proposed corrections."""
    return user.has_role(Role.STEWARD)


def can_export(user: User) -> bool:
    """Whoever may see a list may take it along as seen, except the interfaces."""
    return user.has_role(
        Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.MEDICAL, Role.STEWARD, Role.COMPLIANCE
    )
