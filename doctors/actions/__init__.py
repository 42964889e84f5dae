"""Writes of the customer master: the app's public face."""

from .assignments import assign_doctor, end_assignment
from .consents import ConsentNotAccepted, publish_notice, record_consent, withdraw_consent
from .contacts import ContactNotAccepted, add_contact, retire_contact, reveal_contact
from .doctors import DoctorNotSaved, create_doctor, rename_doctor, seal_text, update_doctor
from .hospitals import HospitalNotSaved, add_hospital_alias, create_hospital, update_hospital
from .interactions import record_interaction
from .profile import (
    add_academic_post,
    add_affiliation,
    add_interest,
    end_affiliation,
    set_stakeholder_role,
)

__all__ = [
    "ConsentNotAccepted",
    "ContactNotAccepted",
    "DoctorNotSaved",
    "HospitalNotSaved",
    "add_academic_post",
    "add_affiliation",
    "add_contact",
    "add_hospital_alias",
    "add_interest",
    "assign_doctor",
    "create_doctor",
    "create_hospital",
    "end_affiliation",
    "end_assignment",
    "publish_notice",
    "record_consent",
    "record_interaction",
    "rename_doctor",
    "retire_contact",
    "reveal_contact",
    "seal_text",
    "set_stakeholder_role",
    "update_doctor",
    "update_hospital",
    "withdraw_consent",
]
