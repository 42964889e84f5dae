"""Who may do what in the kernel's own pages."""

from __future__ import annotations

from typing import Any

OFFICER = "compliance"
DELEGATES = {"general_manager": (OFFICER,)}
RULE_SIGNERS = (OFFICER, "regulatory", "medical")


def can_read_rules(user: Any) -> bool:
    """Every person of the company may read the law they work under."""
    return bool(user.is_authenticated and user.is_active and user.roles)


def can_read_verdict(user: Any, verdict: Any) -> bool:
    """Compliance and inspectors read all; everybody else their own acts."""
    return user.has_role(OFFICER, "inspector") or (user.pk is not None and verdict.judged_by_id == user.pk)


def can_change_rules(user: Any) -> bool:
    return user.has_role(OFFICER)


def can_sign_rules(user: Any) -> bool:
    """Sign what a colleague drafted: those who answer for the law, the label or medicine."""
    return user.has_role(*RULE_SIGNERS)


def can_read_staff(user: Any) -> bool:
    return user.has_role(OFFICER, "inspector", "administrator")


def can_change_staff(user: Any) -> bool:
    """Keep filings, certificates and commitments. An administrator may not: NMPA 2020 No. 74, duties apart."""
    return user.has_role(OFFICER)


def can_request_waiver(user: Any) -> bool:
    return bool(user.is_active and user.roles)


def can_read_waivers(user: Any) -> bool:
    return bool(user.is_active and user.roles)


def can_decide_waiver(user: Any, waiver: Any, *, approver_role: str) -> bool:
    """The role that the rule names or its authorised delegate, and never the person who asked.

    Source: RDPAC 7 (hospitality), the general manager or a specially authorised delegate.
    """
    return user.pk != waiver.requested_by_id and user.has_role(
        approver_role, *DELEGATES.get(approver_role, ())
    )
