"""Who may do what in the kernel."""

from .oversight import (
    can_handle_cases,
    can_handle_findings,
    can_lead_case,
    can_lift_hold,
    can_place_hold,
    can_read_ledger,
    can_run_verification,
    can_see_case,
    can_see_cockpit,
    can_work_case,
)
from .rulebook import (
    DELEGATES,
    can_change_rules,
    can_change_staff,
    can_decide_waiver,
    can_read_rules,
    can_read_staff,
    can_read_verdict,
    can_read_waivers,
    can_request_waiver,
    can_sign_rules,
)

__all__ = [
    "DELEGATES",
    "can_change_rules",
    "can_change_staff",
    "can_decide_waiver",
    "can_handle_cases",
    "can_handle_findings",
    "can_lead_case",
    "can_lift_hold",
    "can_place_hold",
    "can_read_ledger",
    "can_read_rules",
    "can_read_staff",
    "can_read_verdict",
    "can_read_waivers",
    "can_request_waiver",
    "can_run_verification",
    "can_see_case",
    "can_see_cockpit",
    "can_sign_rules",
    "can_work_case",
]
