"""Rows of what is done, one noun a module."""

from .events import (
    Attendance,
    BudgetLine,
    Event,
    EventProof,
    EventSession,
    Expense,
    Invitation,
    SealedProof,
    Speaker,
)
from .hospitals import Booking, HospitalPolicy, InstitutionConsent, ReceptionSlot
from .needs import ClinicalNeed, Inquiry, InquiryAnswer, VisitNeed
from .plans import Cycle, PlanTarget, TimeOff
from .safety import SafetyReport
from .sync import SyncOperation
from .transfers import TransferOfValue
from .visits import (
    FollowUp,
    MaterialView,
    PlannedMaterial,
    Visit,
    VisitAmendment,
    VisitAttendee,
    VisitMaterial,
    VisitProduct,
)

__all__ = [
    "Attendance",
    "Booking",
    "BudgetLine",
    "ClinicalNeed",
    "Cycle",
    "Event",
    "EventProof",
    "EventSession",
    "Expense",
    "FollowUp",
    "HospitalPolicy",
    "Inquiry",
    "InquiryAnswer",
    "InstitutionConsent",
    "Invitation",
    "MaterialView",
    "PlanTarget",
    "PlannedMaterial",
    "ReceptionSlot",
    "SafetyReport",
    "SealedProof",
    "Speaker",
    "SyncOperation",
    "TimeOff",
    "TransferOfValue",
    "Visit",
    "VisitAmendment",
    "VisitAttendee",
    "VisitMaterial",
    "VisitNeed",
    "VisitProduct",
]
