"""Reads about doctors and hospitals: the app's public face."""

from .cards import DoctorCard, doctor_card, doctor_cards
from .changes import ProposedChange, change_requests_visible_to, proposed
from .consents import (
    CONTACT_PURPOSE,
    consent_of,
    consents_of,
    current_consents,
    last_consent_at,
    notice_in_force,
    purposes,
    stopped_among,
)
from .contacts import ContactLine, contacts_of, doctors_named_with_phone
from .explanation_pdf import explanation_pdf_of
from .explanations import TierExplanation, bars_of, explain_briefly, explain_tier
from .families import families_of, family_of, records_of
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
from .lattice import (
    CellDetail,
    Lattice,
    cell_detail,
    channel_label,
    lattice_of,
    name_of,
    records_resting_on,
    state_label,
    text_of,
)
from .lists import (
    departments,
    doctors_listed,
    hospitals_listed,
    provinces,
    stakeholder_labels,
)
from .notices import notice_before, notice_changes, notice_lines, notices
from .overview import Colleague, Contact, Overview, overview_of
from .playbooks import Strategy, frequency_goals, playbook_for, playbooks_for, strategy_for
from .privacy import open_text
from .profile import Profile, profile_of
from .score_words import points
from .search import Hit, search_doctors, search_hospitals
from .tiers import TierNow, override_of, tier_history_of, tier_of, tiers_of
from .visibility import (
    assignments_on,
    can_see,
    canonical_ids,
    doctors_in_territories,
    doctors_visible_to,
    territory_ids_of_doctor,
    unverified_among,
)

__all__ = [
    "CONTACT_PURPOSE",
    "CellDetail",
    "Colleague",
    "Contact",
    "ContactLine",
    "DoctorCard",
    "Hit",
    "HospitalCard",
    "Lattice",
    "Overview",
    "Profile",
    "ProposedChange",
    "Strategy",
    "TierExplanation",
    "TierNow",
    "assignments_on",
    "bars_of",
    "can_see",
    "canonical_ids",
    "cell_detail",
    "change_requests_visible_to",
    "channel_label",
    "consent_of",
    "consents_of",
    "contacts_of",
    "current_consents",
    "department_choices",
    "departments",
    "doctor_card",
    "doctor_cards",
    "doctors_in_territories",
    "doctors_listed",
    "doctors_named_with_phone",
    "doctors_visible_to",
    "explain_briefly",
    "explain_tier",
    "explanation_pdf_of",
    "families_of",
    "family_of",
    "frequency_goals",
    "hospital_card",
    "hospital_cards",
    "hospital_choices",
    "hospital_of",
    "hospitals_listed",
    "hospitals_visible_to",
    "interactions_of",
    "last_consent_at",
    "lattice_of",
    "name_of",
    "notice_before",
    "notice_changes",
    "notice_in_force",
    "notice_lines",
    "notices",
    "open_text",
    "override_of",
    "overview_of",
    "playbook_for",
    "playbooks_for",
    "points",
    "profile_of",
    "proposed",
    "provinces",
    "purposes",
    "records_of",
    "records_resting_on",
    "search_doctors",
    "search_hospitals",
    "stakeholder_labels",
    "state_label",
    "stopped_among",
    "strategy_for",
    "territory_ids_of_doctor",
    "text_of",
    "tier_history_of",
    "tier_of",
    "tiers_of",
    "unverified_among",
]
