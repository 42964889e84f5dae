"""Academic events: plan, ask, approve, invite, sign in, prove, close."""

from .approving import FLOW, decide_event, request_event
from .parts import (
    EventNotMoved,
    EventNotPlanned,
    EventPlan,
    NotSignedIn,
    ProofNotAdded,
    SessionPlan,
    SpeakerNotMoved,
    SpeakerPlan,
    terms_of,
)
from .planning import change_event, plan_event
from .proving import add_proof, close_event, submit_expense
from .running import cancel_event, end_event, invite_doctors, sign_in_by_name, sign_in_doctor, start_event
from .speaker_choice import refuse_speaker, verify_speaker
from .speakers import drop_speaker, invite_speaker, propose_speaker

__all__ = [
    "FLOW",
    "EventNotMoved",
    "EventNotPlanned",
    "EventPlan",
    "NotSignedIn",
    "ProofNotAdded",
    "SessionPlan",
    "SpeakerNotMoved",
    "SpeakerPlan",
    "add_proof",
    "cancel_event",
    "change_event",
    "close_event",
    "decide_event",
    "drop_speaker",
    "end_event",
    "invite_doctors",
    "invite_speaker",
    "plan_event",
    "propose_speaker",
    "refuse_speaker",
    "request_event",
    "sign_in_by_name",
    "sign_in_doctor",
    "start_event",
    "submit_expense",
    "terms_of",
    "verify_speaker",
]
