"""Rows of what is done, one noun a module."""

from .hospitals import Booking, HospitalPolicy, InstitutionConsent, ReceptionSlot
from .needs import ClinicalNeed, Inquiry, InquiryAnswer, VisitNeed
from .plans import Cycle, PlanTarget, TimeOff
from .safety import SafetyReport
from .sync import SyncOperation
from .visits import (
    FollowUp,
    MaterialView,
    Visit,
    VisitAmendment,
    VisitAttendee,
    VisitMaterial,
    VisitProduct,
)

__all__ = [
    "Booking",
    "ClinicalNeed",
    "Cycle",
    "FollowUp",
    "HospitalPolicy",
    "Inquiry",
    "InquiryAnswer",
    "InstitutionConsent",
    "MaterialView",
    "PlanTarget",
    "ReceptionSlot",
    "SafetyReport",
    "SyncOperation",
    "TimeOff",
    "Visit",
    "VisitAmendment",
    "VisitAttendee",
    "VisitMaterial",
    "VisitNeed",
    "VisitProduct",
]
