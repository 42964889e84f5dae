"""Rows of the kernel, one module per noun."""

from .alarms import GuardAlarm
from .approvals import ApprovalCopy, ApprovalRequest, ApprovalStep, Deputy
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
from .integrity import BriberyCheck, BriberyListEntry, LetterText
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
from .privacy import ExportedPerson, ExportRecipient, ExportTally, ImpactAssessment
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
from .retention import RetentionRun
from .reviews import TrailReview, TrailReviewItem, TrailReviewPlan
from .rulebook import Parameter, RulePack, RuleVersion
from .signatures import Signature, SigningFailure, SigningSession, UsedCode
from .training import CourseFile, CourseVersion, Learning, QuizAttempt, TrainingDuty
from .waiver import Waiver
from .watched import WatchedAct

__all__ = [
    "Anchor",
    "ApprovalCopy",
    "ApprovalRequest",
    "ApprovalStep",
    "AuthorityReport",
    "BriberyCheck",
    "BriberyListEntry",
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
    "CourseFile",
    "CourseVersion",
    "Deputy",
    "Employment",
    "ExportRecipient",
    "ExportTally",
    "ExportedPerson",
    "FiledProduct",
    "Finding",
    "GuardAlarm",
    "Hold",
    "HoldSubject",
    "HospitalRegistration",
    "HotlineMessage",
    "HotlineReport",
    "ImpactAssessment",
    "InspectorPack",
    "Learning",
    "LedgerEntry",
    "LedgerLeaf",
    "LetterText",
    "Measure",
    "MonitoringItem",
    "MonitoringPlan",
    "Parameter",
    "PrivacyIncident",
    "QuizAttempt",
    "RepFiling",
    "RetentionRun",
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
    "TrailReviewPlan",
    "TrainingDuty",
    "TreeNode",
    "UnsealedEntry",
    "UsedCode",
    "Verification",
    "Waiver",
    "WatchedAct",
]
