"""The catalogue of what a doctor may be scored by. What is not listed here cannot be put into a model.

Each feature names its lawful source. Nothing here counts or derives prescriptions, use of medicines, sales or
gifts (医药代表备案管理办法 第13条; 九项准则), and nothing rests on sensitive personal information (PIPL 28).
"""

from __future__ import annotations

from dataclasses import dataclass

INFLUENCE, POTENTIAL, WILLINGNESS = "influence", "potential", "willingness"
DIMENSIONS = (INFLUENCE, POTENTIAL, WILLINGNESS)

RANK, CAPPED = "rank", "capped"
FACT, ENGAGEMENT = "fact", "engagement"


def _(words: str) -> str:
    """Mark words for the message catalogue; they are translated where they are shown."""
    return words


@dataclass(frozen=True)
class Feature:
    """One thing a doctor may be scored by.

    `sign` is -1 for a feature that lowers the score. `kinds` are the interaction kinds an engagement feature counts.
    `cap` is the raw value from which a capped feature gives its full weight.
    """

    key: str
    dimension: str
    label: str
    definition: str
    unit: str
    source: str
    measure: str = FACT
    transform: str = RANK
    cap: int = 0
    half_life_days: int = 0
    sign: int = 1
    kinds: tuple[str, ...] = ()
    is_allowed: bool = True
    clause: str = ""


_FACTS = (
    Feature(
        "guideline_work", INFLUENCE, _("Guideline and consensus work"),
        _("Guidelines and consensus papers the doctor helped to write; national and international ones count twice."),
        _("points"), _("Published guidelines and consensus papers"),
    ),
    Feature(
        "publications", INFLUENCE, _("Publications"),
        _("Papers in journals in the five years before the day; as first or corresponding author they count twice, "
          "retracted ones not at all."),
        _("points"), _("Journals and public databases of literature (PubMed)"),
    ),
    Feature(
        "society_roles", INFLUENCE, _("Society roles"),
        _("Roles in medical societies in force on the day: chair 4, vice chair 3, standing member 2, member 1; "
          "national and international societies count twice."),
        _("points"), _("Societies' published lists"),
    ),
    Feature(
        "journal_posts", INFLUENCE, _("Journal posts"),
        _("Seats on editorial boards in force on the day; national and international journals count twice."),
        _("points"), _("Journals' published lists"),
    ),
    Feature(
        "title_grade", INFLUENCE, _("Professional title"),
        _("Chief 4, associate chief 3, attending or in charge 2, other titles 1, unknown 0."),
        _("grade"), _("The hospital's published list of staff"), transform=CAPPED, cap=4,
    ),
    Feature(
        "post_grade", INFLUENCE, _("Post in the hospital"),
        _("President, vice president, head of department or discipline leader 3, deputy head 2, head nurse 1."),
        _("grade"), _("The hospital's published list of staff"), transform=CAPPED, cap=3,
    ),
    Feature(
        "hospital_level", POTENTIAL, _("Hospital level"),
        _("Level of the main place of practice: 3 special 10, 3A 9, 3B 8, 3C or 3 7, 2A 6, 2B 5, 2C or 2 4, "
          "1A 3, 1B 2, 1C or 1 1, none 0."),
        _("grade"), _("Health commission's register of institutions"), transform=CAPPED, cap=9,
    ),
    Feature(
        "hospital_beds", POTENTIAL, _("Hospital beds"),
        _("Open beds of the main place of practice."),
        _("beds"), _("Health commission's yearbook"),
    ),
    Feature(
        "hospital_outpatients", POTENTIAL, _("Public out-patient volume of the hospital"),
        _("Out-patient visits of the whole hospital in a year, as published; never of a department or a person."),
        _("visits a year"), _("Health commission's yearbook"),
    ),
    Feature(
        "consortium_role", POTENTIAL, _("Role in a consortium"),
        _("The hospital leads a medical consortium 2, belongs to one 1, neither 0."),
        _("grade"), _("Published consortium agreements"), transform=CAPPED, cap=2,
    ),
    Feature(
        "clinical_focus", POTENTIAL, _("Self-stated clinical focus"),
        _("Disease areas the doctor named as clinical focus; no patients, no amounts."),
        _("areas"), _("The doctor's own statement"), transform=CAPPED, cap=3,
    ),
)  # fmt: skip

_ENGAGEMENT = (
    Feature(
        "events_attended", WILLINGNESS, _("Academic events attended"),
        _("Academic events attended, spoken at or chaired; older ones count less."),
        _("events"), _("Sign-in at our events"), measure=ENGAGEMENT, half_life_days=180,
        kinds=("event_attended", "event_spoken", "event_chaired"),
    ),
    Feature(
        "content_read", WILLINGNESS, _("Content read"),
        _("Released materials whose pages a doctor looked at for ten seconds or more in all; older ones count less."),
        _("reads"), _("Pages of released materials, timed as they are shown"), measure=ENGAGEMENT, half_life_days=120,
        kinds=("material_read",),
    ),
    Feature(
        "questions_asked", WILLINGNESS, _("Questions and needs"),
        _("Medical questions asked and clinical needs told; older ones count less. How often, never what."),
        _("questions"), _("Inquiries and needs the doctor raised"), measure=ENGAGEMENT, half_life_days=180,
        kinds=("question_asked", "need_told"),
    ),
    Feature(
        "visits_held", WILLINGNESS, _("Academic visits accepted"),
        _("Academic visits that took place, on site or remote; older ones count less."),
        _("visits"), _("Visit records"), measure=ENGAGEMENT, half_life_days=120, kinds=("visit", "remote_visit"),
    ),
    Feature(
        "invitations_unanswered", WILLINGNESS, _("Invitations left unanswered"),
        _("Invitations without an answer; older ones count less. Lowers the score. A declined invitation is an answer."),
        _("invitations"), _("Invitations we sent"), measure=ENGAGEMENT, half_life_days=60, sign=-1,
        kinds=("invite_unanswered",),
    ),
)  # fmt: skip

_FORBIDDEN = (
    Feature(
        "prescriptions", POTENTIAL, _("Prescriptions"),
        _("Counts, shares or trends of prescriptions of a doctor or a department."),
        "", "", is_allowed=False, clause="医药代表备案管理办法 第13条",
    ),
    Feature(
        "sales", POTENTIAL, _("Sales"),
        _("Sales, orders or quotas behind a doctor, a department or a representative."),
        "", "", is_allowed=False, clause="医药代表备案管理办法 第13条",
    ),
    Feature(
        "payments", WILLINGNESS, _("Money and benefits received"),
        _("Fees, sponsorship and hospitality a doctor received."),
        "", "", is_allowed=False, clause="反不正当竞争法 第8条",
    ),
    Feature(
        "beliefs", WILLINGNESS, _("Religion, politics, family"),
        _("Sensitive personal information of any kind."),
        "", "", is_allowed=False, clause="个人信息保护法 第28条",
    ),
)  # fmt: skip

CATALOGUE: dict[str, Feature] = {feature.key: feature for feature in (*_FACTS, *_ENGAGEMENT, *_FORBIDDEN)}
ALLOWED: tuple[Feature, ...] = tuple(feature for feature in CATALOGUE.values() if feature.is_allowed)

# Grades of public facts. A value that is not listed counts 0.
LEVEL_GRADES = {
    "3s": 10, "3a": 9, "3b": 8, "3c": 7, "3": 7, "2a": 6, "2b": 5, "2c": 4, "2": 4, "1a": 3, "1b": 2, "1c": 1, "1": 1,
}  # fmt: skip
TITLE_GRADES = {
    "chief_physician": 4, "chief_pharmacist": 4, "chief_nurse": 4, "chief_technician": 4,
    "associate_chief_physician": 3, "associate_chief_pharmacist": 3, "associate_chief_nurse": 3,
    "associate_chief_technician": 3, "attending_physician": 2, "pharmacist_in_charge": 2, "nurse_in_charge": 2,
    "technician_in_charge": 2, "resident_physician": 1, "assistant_physician": 1, "pharmacist": 1, "nurse": 1,
    "technician": 1,
}  # fmt: skip
POST_GRADES = {
    "president": 3, "vice_president": 3, "department_head": 3, "discipline_leader": 3, "deputy_head": 2, "head_nurse": 1,
}  # fmt: skip
SOCIETY_POINTS = {
    "chair": 4,
    "chair_elect": 4,
    "vice_chair": 3,
    "standing_member": 2,
    "member": 1,
    "youth_member": 1,
}
PAPER_YEARS = 5
DOUBLED_LEVELS = ("national", "international")
BANDS = ("3", "2", "1")  # level bands of cohorts: first digit of the level; "0" for all others
