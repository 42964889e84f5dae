"""The law's verbs: `from compliance import actions as law`."""

from .holds import lift_hold, place_hold
from .judging import judge
from .recording import record, record_refusal
from .signing import SignatureProof, sign

__all__ = ["SignatureProof", "judge", "lift_hold", "place_hold", "record", "record_refusal", "sign"]
