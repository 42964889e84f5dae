"""The law's verbs: `from compliance import actions as law`."""

from .approvals import ApprovalNotDecided, ApprovalNotOpened, Stage, decide, open_approval
from .cases import CaseNotMoved, assign_case, close_case, comment_case, hold_case, move_case, open_case
from .findings import FindingNotOpen, open_finding, settle_finding
from .holds import HoldNotLifted, HoldNotPlaced, lift_hold, place_hold
from .judging import Replay, judge, replay
from .qualification import (
    QualificationNotRecorded,
    add_course,
    assign_course,
    end_employment,
    file_representative,
    record_certificate,
    record_commitment,
    record_employment,
    register_at_hospital,
    withdraw_filing,
)
from .recording import record, record_refusal
from .rulebook import (
    BookAlreadyAdopted,
    BookHasFaults,
    ParameterNotChanged,
    adopt_shipped_book,
    content_of_parameter,
    draft_parameter,
    refuse_parameter,
    sign_parameter,
)
from .signing import CodeNeeded, SignatureProof, SigningLocked, SigningNotSetUp, WrongProof, needs_code, sign
from .waivers import WaiverNotDecided, WaiverNotRequested, decide_waiver, request_waiver, revoke_waiver

__all__ = [
    "ApprovalNotDecided",
    "ApprovalNotOpened",
    "BookAlreadyAdopted",
    "BookHasFaults",
    "CaseNotMoved",
    "CodeNeeded",
    "FindingNotOpen",
    "HoldNotLifted",
    "HoldNotPlaced",
    "ParameterNotChanged",
    "QualificationNotRecorded",
    "Replay",
    "SignatureProof",
    "SigningLocked",
    "SigningNotSetUp",
    "Stage",
    "WaiverNotDecided",
    "WaiverNotRequested",
    "WrongProof",
    "add_course",
    "adopt_shipped_book",
    "assign_case",
    "assign_course",
    "close_case",
    "comment_case",
    "content_of_parameter",
    "decide",
    "decide_waiver",
    "draft_parameter",
    "end_employment",
    "file_representative",
    "hold_case",
    "judge",
    "lift_hold",
    "move_case",
    "needs_code",
    "open_approval",
    "open_case",
    "open_finding",
    "place_hold",
    "record",
    "record_certificate",
    "record_commitment",
    "record_employment",
    "record_refusal",
    "refuse_parameter",
    "register_at_hospital",
    "replay",
    "request_waiver",
    "revoke_waiver",
    "settle_finding",
    "sign",
    "sign_parameter",
    "withdraw_filing",
]
