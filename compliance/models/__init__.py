"""Rows of the kernel, one module per noun."""

from .alarms import GuardAlarm
from .approvals import ApprovalCopy, ApprovalRequest, ApprovalStep
from .cases import Case, CaseAction, Finding
from .casework import (
    AuthorityReport,
    CaseEvidence,
    CaseLetter,
    CaseMember,
    HotlineMessage,
    HotlineReport,
    Measure,
)
from .holds import Hold, HoldSubject
from .incidents import PrivacyIncident
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
from .monitoring import MonitoringItem, MonitoringPlan
from .packs import InspectorPack
from .qualification import (
    Certificate,
    Commitment,
    Course,
    CourseAssignment,
    Employment,
    FiledProduct,
    HospitalRegistration,
    RepFiling,
)
from .reviews import TrailReview, TrailReviewItem
from .rulebook import Parameter, RulePack, RuleVersion
from .signatures import Signature, SigningFailure, SigningSession, UsedCode
from .waiver import Waiver
from .watched import WatchedAct

__all__ = [
    "Anchor",
    "ApprovalCopy",
    "ApprovalRequest",
    "ApprovalStep",
    "AuthorityReport",
    "Case",
    "CaseAction",
    "CaseEvidence",
    "CaseLetter",
    "CaseMember",
    "Certificate",
    "Checkpoint",
    "Commitment",
    "Course",
    "CourseAssignment",
    "Employment",
    "FiledProduct",
    "Finding",
    "GuardAlarm",
    "Hold",
    "HoldSubject",
    "HospitalRegistration",
    "HotlineMessage",
    "HotlineReport",
    "InspectorPack",
    "LedgerEntry",
    "LedgerLeaf",
    "Measure",
    "MonitoringItem",
    "MonitoringPlan",
    "Parameter",
    "PrivacyIncident",
    "RepFiling",
    "RowIntake",
    "RulePack",
    "RuleVersion",
    "Signature",
    "SigningFailure",
    "SigningSession",
    "StoredVerdict",
    "TableShape",
    "TrailReview",
    "TrailReviewItem",
    "TreeNode",
    "UnsealedEntry",
    "UsedCode",
    "Verification",
    "Waiver",
    "WatchedAct",
]
