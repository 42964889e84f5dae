"""Rows of the customer master, one module per noun."""

from .academic import AuthorProposal, Authorship, GuidelineWork, Preference, Publication
from .alerts import EngagementAlert
from .challenges import Challenge
from .changes import ChangeAttachment, ChangeRequest
from .consents import ConsentNotice, ConsentPurpose, ConsentRecord
from .contacts import ContactPoint, ContactReveal
from .contests import ExplanationLink, TierContest
from .divisions import Division
from .doctors import Doctor, DoctorIdentity, DoctorIdentityVersion
from .duplicates import MatchModel, MatchPair, MergeRecord
from .erasures import Erasure, FrozenIdentity
from .hospitals import Department, Hospital, HospitalAlias
from .interactions import Interaction
from .lists import DoctorList, DoctorListMember
from .playbooks import Playbook
from .profile import AcademicPost, Affiliation, Interest, StakeholderRole
from .realignments import Realignment, RealignmentChange, RealignmentMove
from .requests import DoctorLink, PrivacyRequest
from .segmentation import (
    DoctorScore,
    EngagementBuild,
    EngagementState,
    ReferenceDistribution,
    RunCohort,
    ScoringRun,
    SegmentationModel,
    TierAssignment,
    TierOverride,
    TouchedDoctor,
)
from .territories import Assignment, TerritoryRule
from .trials import ScoringTrial, TrialMove

__all__ = [
    "AcademicPost",
    "Affiliation",
    "Assignment",
    "AuthorProposal",
    "Authorship",
    "Challenge",
    "ChangeAttachment",
    "ChangeRequest",
    "ConsentNotice",
    "ConsentPurpose",
    "ConsentRecord",
    "ContactPoint",
    "ContactReveal",
    "Department",
    "Division",
    "Doctor",
    "DoctorIdentity",
    "DoctorIdentityVersion",
    "DoctorLink",
    "DoctorList",
    "DoctorListMember",
    "DoctorScore",
    "EngagementAlert",
    "EngagementBuild",
    "EngagementState",
    "Erasure",
    "ExplanationLink",
    "FrozenIdentity",
    "GuidelineWork",
    "Hospital",
    "HospitalAlias",
    "Interaction",
    "Interest",
    "MatchModel",
    "MatchPair",
    "MergeRecord",
    "Playbook",
    "Preference",
    "PrivacyRequest",
    "Publication",
    "Realignment",
    "RealignmentChange",
    "RealignmentMove",
    "ReferenceDistribution",
    "RunCohort",
    "ScoringRun",
    "ScoringTrial",
    "SegmentationModel",
    "StakeholderRole",
    "TerritoryRule",
    "TierAssignment",
    "TierContest",
    "TierOverride",
    "TouchedDoctor",
    "TrialMove",
]
