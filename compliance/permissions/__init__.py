"""Who may do what in the kernel."""

from .oversight import (
    can_handle_cases,
    can_handle_findings,
    can_lift_hold,
    can_place_hold,
    can_read_ledger,
    can_run_verification,
    can_see_cockpit,
)

__all__ = [
    "can_handle_cases",
    "can_handle_findings",
    "can_lift_hold",
    "can_place_hold",
    "can_read_ledger",
    "can_run_verification",
    "can_see_cockpit",
]
