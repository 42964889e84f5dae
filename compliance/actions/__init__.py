"""The law's verbs: `from compliance import actions as law`."""

from .approvals import ApprovalNotDecided, ApprovalNotOpened, Stage, decide, open_approval
from .cases import CaseNotMoved, assign_case, close_case, comment_case, hold_case, move_case, open_case
from .findings import FindingNotOpen, open_finding, settle_finding
from .holds import HoldNotLifted, HoldNotPlaced, lift_hold, place_hold
from .judging import judge
from .recording import record, record_refusal
from .signing import (
    CodeNeeded,
    SignatureProof,
    SigningLocked,
    SigningNotSetUp,
    WrongProof,
    needs_code,
    sign,
)

__all__ = [
    "ApprovalNotDecided",
    "ApprovalNotOpened",
    "CaseNotMoved",
    "CodeNeeded",
    "FindingNotOpen",
    "HoldNotLifted",
    "HoldNotPlaced",
    "SignatureProof",
    "SigningLocked",
    "SigningNotSetUp",
    "Stage",
    "WrongProof",
    "assign_case",
    "close_case",
    "comment_case",
    "decide",
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
    "record_refusal",
    "settle_finding",
    "sign",
]
