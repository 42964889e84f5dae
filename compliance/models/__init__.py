"""Rows of the kernel, one module per noun."""

from .approvals import ApprovalCopy, ApprovalRequest, ApprovalStep
from .cases import Case, CaseAction, Finding
from .holds import Hold, HoldSubject
from .ledger import (
    Anchor,
    Checkpoint,
    LedgerEntry,
    LedgerLeaf,
    RowIntake,
    StoredVerdict,
    TableShape,
    TreeNode,
    UnsealedEntry,
    Verification,
)
from .signatures import Signature, SigningFailure, SigningSession, UsedCode

__all__ = [
    "Anchor",
    "ApprovalCopy",
    "ApprovalRequest",
    "ApprovalStep",
    "Case",
    "CaseAction",
    "Checkpoint",
    "Finding",
    "Hold",
    "HoldSubject",
    "LedgerEntry",
    "LedgerLeaf",
    "RowIntake",
    "Signature",
    "SigningFailure",
    "SigningSession",
    "StoredVerdict",
    "TableShape",
    "TreeNode",
    "UnsealedEntry",
    "UsedCode",
    "Verification",
]
