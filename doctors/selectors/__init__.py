"""Reads about doctors and hospitals: the app's public face."""

from .cards import DoctorCard, doctor_card, doctor_cards
from .consents import consent_of, consents_of, current_consents, purposes
from .contacts import ContactLine, contacts_of, doctors_named_with_phone
from .hospitals import (
    HospitalCard,
    department_choices,
    hospital_card,
    hospital_cards,
    hospital_choices,
    hospital_of,
    hospitals_visible_to,
)
from .interactions import interactions_of
from .playbooks import Strategy, frequency_goals, playbook_for, playbooks_for
from .privacy import open_text
from .search import Hit, search_doctors, search_hospitals
from .tiers import (
    TierExplanation,
    TierNow,
    explain_tier,
    override_of,
    points,
    tier_history_of,
    tier_of,
    tiers_of,
)
from .visibility import (
    can_see,
    canonical_ids,
    doctors_in_territories,
    doctors_visible_to,
    territory_ids_of_doctor,
)

__all__ = [
    "ContactLine",
    "DoctorCard",
    "Hit",
    "HospitalCard",
    "Strategy",
    "TierExplanation",
    "TierNow",
    "can_see",
    "canonical_ids",
    "consent_of",
    "consents_of",
    "contacts_of",
    "current_consents",
    "department_choices",
    "doctor_card",
    "doctor_cards",
    "doctors_in_territories",
    "doctors_named_with_phone",
    "doctors_visible_to",
    "explain_tier",
    "frequency_goals",
    "hospital_card",
    "hospital_cards",
    "hospital_choices",
    "hospital_of",
    "hospitals_visible_to",
    "interactions_of",
    "open_text",
    "override_of",
    "playbook_for",
    "playbooks_for",
    "points",
    "purposes",
    "search_doctors",
    "search_hospitals",
    "territory_ids_of_doctor",
    "tier_history_of",
    "tier_of",
    "tiers_of",
]
