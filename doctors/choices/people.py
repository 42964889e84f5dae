"""Named values of doctors: what they are, hold and care about."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Title(TextChoices):
    """Professional title. Source: GB/T 8561-2001, groups 23 to 26."""

    CHIEF_PHYSICIAN = "chief_physician", _("Chief physician")
    ASSOCIATE_CHIEF_PHYSICIAN = "associate_chief_physician", _("Associate chief physician")
    ATTENDING_PHYSICIAN = "attending_physician", _("Attending physician")
    RESIDENT_PHYSICIAN = "resident_physician", _("Resident physician")
    ASSISTANT_PHYSICIAN = "assistant_physician", _("Assistant physician")
    CHIEF_PHARMACIST = "chief_pharmacist", _("Chief pharmacist")
    ASSOCIATE_CHIEF_PHARMACIST = "associate_chief_pharmacist", _("Associate chief pharmacist")
    PHARMACIST_IN_CHARGE = "pharmacist_in_charge", _("Pharmacist in charge")
    PHARMACIST = "pharmacist", _("Pharmacist")
    CHIEF_NURSE = "chief_nurse", _("Chief nurse")
    ASSOCIATE_CHIEF_NURSE = "associate_chief_nurse", _("Associate chief nurse")
    NURSE_IN_CHARGE = "nurse_in_charge", _("Nurse in charge")
    NURSE = "nurse", _("Nurse")
    CHIEF_TECHNICIAN = "chief_technician", _("Chief technician")
    ASSOCIATE_CHIEF_TECHNICIAN = "associate_chief_technician", _("Associate chief technician")
    TECHNICIAN_IN_CHARGE = "technician_in_charge", _("Technician in charge")
    TECHNICIAN = "technician", _("Technician")
    UNKNOWN = "unknown", _("Title not known")


class Post(TextChoices):
    """Post 职务 held in a hospital, apart from the title 职称."""

    PRESIDENT = "president", _("Hospital president")
    VICE_PRESIDENT = "vice_president", _("Vice president")
    DEPARTMENT_HEAD = "department_head", _("Head of department")
    DEPUTY_HEAD = "deputy_head", _("Deputy head of department")
    DISCIPLINE_LEADER = "discipline_leader", _("Discipline leader")
    HEAD_NURSE = "head_nurse", _("Head nurse")
    NONE = "none", _("No post")


class DoctorStatus(TextChoices):
    ACTIVE = "active", _("Active")
    UNVERIFIED = "unverified", _("Not verified")
    INACTIVE = "inactive", _("Inactive")
    RETIRED = "retired", _("Retired")
    ERASED = "erased", _("Erased")


class PostLevel(TextChoices):
    """Reach of an academic organisation."""

    INTERNATIONAL = "international", _("International")
    NATIONAL = "national", _("National")
    PROVINCIAL = "provincial", _("Provincial")
    CITY = "city", _("City")


class AcademicRole(TextChoices):
    CHAIR = "chair", _("Chair")
    CHAIR_ELECT = "chair_elect", _("Chair elect")
    VICE_CHAIR = "vice_chair", _("Vice chair")
    STANDING_MEMBER = "standing_member", _("Standing member")
    MEMBER = "member", _("Member")
    YOUTH_MEMBER = "youth_member", _("Youth committee member")
    EDITOR = "editor", _("Journal editor")
    GUIDELINE_AUTHOR = "guideline_author", _("Guideline author")
    OTHER = "other", _("Other role")


class ContactKind(TextChoices):
    MOBILE = "mobile", _("Mobile phone")
    PHONE = "phone", _("Office phone")
    EMAIL = "email", _("E-mail")
    WECHAT = "wechat", _("WeChat")
    WECOM = "wecom", _("WeCom")


class InterestKind(TextChoices):
    DISEASE_AREA = "disease_area", _("Disease area")
    TOPIC = "topic", _("Academic topic")
    FORMAT = "format", _("Form of exchange")


class InterestSource(TextChoices):
    SELF_STATED = "self_stated", _("Stated by the doctor")
    PUBLIC = "public", _("Public source")
    OBSERVED = "observed", _("Seen in academic exchange")


class StakeholderKind(TextChoices):
    DECISION_MAKER = "decision_maker", _("Decision-maker")
    INFLUENCER = "influencer", _("Influencer")
    USER = "user", _("User")
