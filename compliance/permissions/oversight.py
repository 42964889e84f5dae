"""Who may stop, handle, and read the record."""

from typing import Any

OFFICERS = ("compliance",)


def can_place_hold(user: Any) -> bool:
    """Return whether a person may stop a subject: those who answer for law, label, medicine or safety."""
    return bool(user.has_role("compliance", "medical", "regulatory", "pv"))


def can_lift_hold(user: Any) -> bool:
    """Return whether a person may let a stopped subject go on."""
    return bool(user.has_role("compliance"))


def can_handle_findings(user: Any) -> bool:
    return bool(user.has_role(*OFFICERS))


def can_handle_cases(user: Any) -> bool:
    return bool(user.has_role("compliance"))


def can_see_case(user: Any, case: Any) -> bool:
    """Return whether a person may open a case: its team, or any officer while it has none; inspectors read all.

    Whoever the case is about never opens it. Cost: one query.
    """
    if case.subject == f"user:{user.pk}":
        return False
    if user.has_role("inspector"):
        return True
    team = {person for person, is_active in case.members.filter(removed_at__isnull=True).values_list(
        "person_id", "person__is_active") if is_active}  # fmt: skip
    return user.pk in team if team else bool(user.has_role("compliance"))


def can_work_case(user: Any, case: Any) -> bool:
    """Return whether a person may write in a case: who may open it and does not only inspect. Cost: one query."""
    return bool(user.is_active and not user.has_role("inspector") and can_see_case(user, case))


def can_lead_case(user: Any, case: Any) -> bool:
    """Return whether a person may decide in a case: an officer of its team. Cost: one query."""
    return can_handle_cases(user) and can_work_case(user, case)


def can_see_cockpit(user: Any) -> bool:
    """Return whether a person sees the compliance queue; inspectors read it."""
    return bool(user.has_role("compliance", "inspector"))


def can_read_ledger(user: Any) -> bool:
    return bool(user.has_role("compliance", "inspector", "administrator"))


def can_run_verification(user: Any) -> bool:
    return bool(user.has_role("compliance", "inspector", "administrator"))


def can_make_pack(user: Any) -> bool:
    """Return whether a person may take a pack for an inspector out of the system: those who read everything."""
    return bool(user.has_role("compliance", "inspector"))


def can_read_packs(user: Any) -> bool:
    return can_make_pack(user)


def can_review_trail(user: Any) -> bool:
    """Return whether a person reviews the audit trail: compliance. An administrator's acts are among those reviewed."""
    return bool(user.has_role("compliance"))


def can_see_retention(user: Any) -> bool:
    """Return whether a person may read how long records are kept and what was destroyed."""
    return bool(user.has_role("compliance", "inspector"))


def can_destroy_records(user: Any) -> bool:
    """Return whether a person may ask for, or approve, the destruction of records whose term is over; never both."""
    return bool(user.has_role(*OFFICERS))


def can_write_assessment(user: Any) -> bool:
    """Return whether a person may write an impact assessment: those whose work needs one."""
    return bool(user.has_role("compliance", "steward", "marketing", "medical"))


def can_approve_assessment(user: Any) -> bool:
    """Return whether a person may approve or retire an impact assessment; never their own."""
    return bool(user.has_role("compliance"))


def can_read_assessments(user: Any) -> bool:
    return bool(can_write_assessment(user) or user.has_role("inspector", "administrator", "regulatory"))


def can_keep_recipients(user: Any) -> bool:
    """Return whether a person may enter whom personal data are given to."""
    return bool(user.has_role("compliance"))


def can_read_exports(user: Any) -> bool:
    return bool(user.has_role("compliance", "inspector", "steward"))
