"""Who may write, publish, take and watch courses."""

from __future__ import annotations

from typing import Any

OFFICER = "compliance"
AUTHORS = (OFFICER, "medical", "regulatory", "pv")
PUBLISHERS = (OFFICER, "medical", "regulatory")


def can_read_courses(user: Any) -> bool:
    """Return whether a person sees courses as their authors do, with the right answers."""
    return bool(user.has_role(*AUTHORS, "inspector"))


def can_write_course(user: Any) -> bool:
    """Return whether a person drafts courses: those who answer for the law, the label, medicine or safety."""
    return bool(user.has_role(*AUTHORS))


def can_publish_course(user: Any, version: Any) -> bool:
    """Return whether a person publishes a version: nobody who wrote in it. Source: MR-18, two people."""
    return bool(user.has_role(*PUBLISHERS)) and user.pk not in {version.drafted_by_id, *version.edited_by}


def can_learn(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_active and user.roles)


def can_see_board(user: Any) -> bool:
    """Return whether a person sees who is overdue: compliance and inspectors of all, line managers of their own."""
    return bool(user.has_role(OFFICER, "inspector", "line_manager"))


def can_see_everybodys_training(user: Any) -> bool:
    return bool(user.has_role(OFFICER, "inspector"))


def can_remind(user: Any, person: Any) -> bool:
    """Return whether a person may remind another: compliance, or their line manager."""
    return bool(user.has_role(OFFICER)) or (
        bool(user.has_role("line_manager")) and getattr(person, "line_manager_id", None) == user.pk
    )


def can_see_certificate(user: Any, certificate: Any) -> bool:
    """Return whether a person opens a certificate: its holder, their line manager, compliance and inspectors."""
    return (
        certificate.user_id == user.pk
        or can_see_everybodys_training(user)
        or bool(user.has_role("line_manager") and certificate.user.line_manager_id == user.pk)
    )
