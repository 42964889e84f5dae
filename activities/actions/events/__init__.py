"""Academic events: plan, ask, approve, invite, sign in, prove, close."""

from .approving import FLOW, decide_event, request_event
from .parts import (
    EventNotMoved,
    EventNotPlanned,
    EventPlan,
    NotSignedIn,
    ProofNotAdded,
    SessionPlan,
    terms_of,
)
from .planning import change_event, plan_event
from .proving import add_proof, close_event, submit_expense
from .running import cancel_event, end_event, invite_doctors, sign_in_by_name, sign_in_doctor, start_event

__all__ = [
    "FLOW",
    "EventNotMoved",
    "EventNotPlanned",
    "EventPlan",
    "NotSignedIn",
    "ProofNotAdded",
    "SessionPlan",
    "add_proof",
    "cancel_event",
    "change_event",
    "close_event",
    "decide_event",
    "end_event",
    "invite_doctors",
    "plan_event",
    "request_event",
    "sign_in_by_name",
    "sign_in_doctor",
    "start_event",
    "submit_expense",
    "terms_of",
]
