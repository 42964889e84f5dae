"""Who may stop, handle, and read the record."""

from typing import Any


def can_place_hold(user: Any) -> bool:
    """Return whether a person may stop a subject: those who answer for law, label, medicine or safety."""
    return bool(user.has_role("compliance", "medical", "regulatory", "pv"))


def can_lift_hold(user: Any) -> bool:
    """Return whether a person may let a stopped subject go on."""
    return bool(user.has_role("compliance"))


def can_handle_findings(user: Any) -> bool:
    return bool(user.has_role("compliance"))


def can_handle_cases(user: Any) -> bool:
    return bool(user.has_role("compliance"))


def can_see_cockpit(user: Any) -> bool:
    """Return whether a person sees the compliance queue; inspectors read it."""
    return bool(user.has_role("compliance", "inspector"))


def can_read_ledger(user: Any) -> bool:
    return bool(user.has_role("compliance", "inspector", "administrator"))


def can_run_verification(user: Any) -> bool:
    return bool(user.has_role("compliance", "inspector", "administrator"))
