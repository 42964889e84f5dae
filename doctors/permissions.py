"""Who may do what with the customer master. Row visibility is the selectors' matter."""

from __future__ import annotations

from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User

OVERRIDE_DECIDERS = (Role.COMPLIANCE, Role.MEDICAL)
CHANGE_DECIDERS = (Role.STEWARD,)
CLAIM_STEWARDS = (Role.STEWARD,)  # beside the line managers of the branch
MODEL_ACTIVATORS = (Role.COMPLIANCE, Role.MEDICAL)
ERASERS = (Role.COMPLIANCE,)
NOTICE_KEEPERS = (Role.COMPLIANCE, Role.REGULATORY, Role.STEWARD)


def can_edit_master(user: User) -> bool:
    """Stewards, and the interfaces of other systems, change the customer master."""
    return user.has_role(Role.STEWARD, Role.SERVICE)


def can_import(user: User) -> bool:
    """Stewards and interfaces import files."""
    return user.has_role(Role.STEWARD, Role.SERVICE)


def can_assign_doctor(user: User) -> bool:
    """Stewards, line managers and administrators put doctors into territories."""
    return user.has_role(Role.STEWARD, Role.LINE_MANAGER, Role.ADMINISTRATOR, Role.SERVICE)


def can_align(user: User) -> bool:
    """Stewards, administrators and line managers keep the rules of territories and draw up realignments."""
    return user.has_role(Role.STEWARD, Role.LINE_MANAGER, Role.ADMINISTRATOR)


def can_see_alignment(user: User) -> bool:
    """Who aligns territories, and who watches over it, reads rules and realignments."""
    return can_align(user) or user.has_role(Role.COMPLIANCE, Role.INSPECTOR)


def can_challenge(user: User) -> bool:
    """Representatives, and managers with territories of their own, say who should be theirs."""
    return user.has_role(Role.REP, Role.LINE_MANAGER)


def can_decide_challenge(user: User) -> bool:
    """Stewards, and line managers for their own branch, decide who belongs to whom."""
    return user.has_role(Role.STEWARD, Role.LINE_MANAGER)


def can_record_consent(user: User) -> bool:
    """People who talk to doctors, and stewards, write down what a doctor answered."""
    return user.has_role(
        Role.REP, Role.LINE_MANAGER, Role.MEDICAL, Role.STEWARD, Role.COMPLIANCE, Role.SERVICE
    )


def can_keep_notices(user: User) -> bool:
    """Compliance, regulatory and stewards write and publish notices; never alone."""
    return user.has_role(*NOTICE_KEEPERS)


def can_run_privacy_desk(user: User) -> bool:
    """Compliance and stewards check who asks, and answer what doctors ask about their own data."""
    return user.has_role(Role.COMPLIANCE, Role.STEWARD)


def can_see_privacy_desk(user: User) -> bool:
    """The desk, and inspectors, read all requests."""
    return can_run_privacy_desk(user) or user.has_role(Role.INSPECTOR)


def can_take_request(user: User) -> bool:
    """Whoever talks to doctors hands in what they ask."""
    return user.has_role(Role.REP, Role.LINE_MANAGER, Role.MEDICAL, Role.PV, Role.STEWARD, Role.COMPLIANCE)


def can_reveal_contact(user: User) -> bool:
    """People who have to reach a doctor read a full contact point, one at a time."""
    return user.has_role(Role.REP, Role.LINE_MANAGER, Role.MEDICAL, Role.PV, Role.STEWARD, Role.COMPLIANCE)


def can_ask_change(user: User) -> bool:
    """Whoever works with doctors proposes corrections."""
    return user.has_role(
        Role.REP, Role.LINE_MANAGER, Role.MEDICAL, Role.MARKETING, Role.STEWARD, Role.COMPLIANCE
    )


def can_propose_doctor(user: User) -> bool:
    """Who works in a territory proposes doctors the master does not know."""
    return user.has_role(Role.REP, Role.LINE_MANAGER, Role.MEDICAL)


def can_decide_change(user: User) -> bool:
    """Stewards decide on proposed corrections."""
    return user.has_role(*CHANGE_DECIDERS)


def can_export(user: User) -> bool:
    """Whoever may see a list may take it along as seen, except the interfaces."""
    return user.has_role(
        Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.MEDICAL, Role.STEWARD, Role.COMPLIANCE
    )


def can_keep_list(user: User) -> bool:
    """Whoever works with doctors keeps lists of them."""
    return user.has_role(
        Role.REP,
        Role.LINE_MANAGER,
        Role.MARKETING,
        Role.MEDICAL,
        Role.STEWARD,
        Role.COMPLIANCE,
        Role.ADMINISTRATOR,
    )


def can_see_segmentation(user: User) -> bool:
    """Whoever works with tiers may see how they come about."""
    return user.has_role(
        Role.REP,
        Role.LINE_MANAGER,
        Role.MARKETING,
        Role.MEDICAL,
        Role.REGULATORY,
        Role.COMPLIANCE,
        Role.STEWARD,
        Role.ADMINISTRATOR,
        Role.INSPECTOR,
        Role.SERVICE,
    )


def can_edit_model(user: User) -> bool:
    """Marketing and medical draw up scoring models."""
    return user.has_role(Role.MARKETING, Role.MEDICAL)


def can_assess_model(user: User) -> bool:
    """Compliance keeps the impact assessment a model needs. Source: PIPL 55."""
    return user.has_role(Role.COMPLIANCE)


def can_activate_model(user: User) -> bool:
    """Compliance or medical puts an assessed model in force; never its author."""
    return user.has_role(*MODEL_ACTIVATORS)


def can_try_model(user: User) -> bool:
    """Whoever draws up, assesses or decides on a model tries out what it would change."""
    return user.has_role(Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE)


def can_run_scoring(user: User) -> bool:
    """Whoever keeps the models or the master starts a run."""
    return user.has_role(Role.MARKETING, Role.MEDICAL, Role.STEWARD, Role.ADMINISTRATOR, Role.SERVICE)


def can_ask_override(user: User) -> bool:
    """People who know the doctor may ask for another tier."""
    return user.has_role(Role.REP, Role.LINE_MANAGER, Role.MEDICAL, Role.MARKETING, Role.STEWARD)


def can_decide_override(user: User) -> bool:
    """Compliance or medical decides on a tier set by hand; never the one who asked."""
    return user.has_role(*OVERRIDE_DECIDERS)


def can_edit_playbook(user: User) -> bool:
    """Marketing and medical write the communication strategy."""
    return user.has_role(Role.MARKETING, Role.MEDICAL)


def can_erase_doctor(user: User) -> bool:
    """Compliance destroys a doctor's personal values, once a request or a run of retention was decided."""
    return user.has_role(*ERASERS)


def can_read_frozen(user: User) -> bool:
    """Compliance reads what the law keeps of an erased doctor; nobody else does. Source: PIPL 47."""
    return user.has_role(Role.COMPLIANCE)


def can_see_duplicates(user: User) -> bool:
    """Stewards keep the master clean; compliance and inspectors may look at what was merged."""
    return user.has_role(Role.STEWARD, Role.COMPLIANCE, Role.INSPECTOR)


def can_merge_doctors(user: User) -> bool:
    """Stewards decide which records are one doctor, and undo it."""
    return user.has_role(Role.STEWARD)
