"""Named values of doctors, hospitals and consents."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DivisionKind(TextChoices):
    """Step of a division. Source: GB/T 2260."""

    PROVINCE = "province", _("Province")
    CITY = "city", _("City")
    COUNTY = "county", _("County")


class HospitalLevel(TextChoices):
    """Grade and class of a hospital. Source: 医院分级管理办法; national insurance code table hosp_lv."""

    L3_SPECIAL = "3s", _("Grade 3, special")
    L3A = "3a", _("Grade 3A")
    L3B = "3b", _("Grade 3B")
    L3C = "3c", _("Grade 3C")
    L3 = "3", _("Grade 3, no class")
    L2A = "2a", _("Grade 2A")
    L2B = "2b", _("Grade 2B")
    L2C = "2c", _("Grade 2C")
    L2 = "2", _("Grade 2, no class")
    L1A = "1a", _("Grade 1A")
    L1B = "1b", _("Grade 1B")
    L1C = "1c", _("Grade 1C")
    L1 = "1", _("Grade 1, no class")
    UNGRADED = "ungraded", _("Not graded")
    UNKNOWN = "unknown", _("Level unknown")


class HospitalType(TextChoices):
    GENERAL = "general", _("General hospital")
    SPECIALISED = "specialised", _("Specialised hospital")
    TCM = "tcm", _("Hospital of Chinese medicine")
    INTEGRATED = "integrated", _("Hospital of integrated medicine")
    MATERNITY = "maternity", _("Maternal and child hospital")
    COMMUNITY = "community", _("Community health centre")
    TOWNSHIP = "township", _("Township health centre")
    CLINIC = "clinic", _("Clinic")
    DISEASE_CONTROL = "disease_control", _("Centre for disease control")
    OTHER = "other", _("Other institution")


class Ownership(TextChoices):
    PUBLIC = "public", _("Public")
    PRIVATE = "private", _("Private")
    MILITARY = "military", _("Military")
    UNKNOWN = "unknown", _("Not known")


class HospitalStatus(TextChoices):
    ACTIVE = "active", _("In operation")
    CLOSED = "closed", pgettext_lazy("hospital", "Closed")


class AliasKind(TextChoices):
    SHORT = "short", _("Short name")
    FORMER = "former", _("Former name")
    CAMPUS = "campus", _("Campus")
    OTHER = "other", _("Other name")


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


class Tier(TextChoices):
    CORE = "core", _("Core expert")
    POTENTIAL = "potential", _("Potential doctor")
    BASIC = "basic", _("Basic doctor")


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


class Channel(TextChoices):
    """A way of reaching a doctor, as consents and interactions name it."""

    VISIT = "visit", _("Visit")
    PHONE = "phone", _("Phone")
    SMS = "sms", _("Text message")
    EMAIL = "email", _("E-mail")
    WECHAT = "wechat", _("WeChat")
    WECOM = "wecom", _("WeCom")
    EVENT = "event", _("Event")
    ONLINE = "online", _("Online")
    POST = "post", _("Mail")


class InteractionKind(TextChoices):
    """What happened between the company and a doctor; never what a doctor prescribes."""

    VISIT = "visit", _("Visit")
    REMOTE_VISIT = "remote_visit", _("Remote visit")
    MATERIAL_SHOWN = "material_shown", _("Material shown")
    MATERIAL_READ = "material_read", _("Material read")
    EVENT_ATTENDED = "event_attended", _("Event attended")
    EVENT_SPOKEN = "event_spoken", _("Spoke at an event")
    EVENT_CHAIRED = "event_chaired", _("Chaired an event")
    QUESTION_ASKED = "question_asked", _("Medical question asked")
    NEED_TOLD = "need_told", _("Clinical need told")
    SURVEY_ANSWERED = "survey_answered", _("Survey answered")
    CASE_SHARED = "case_shared", _("Case shared")
    COOPERATION = "cooperation", _("Cooperation")
    MESSAGE_SENT = "message_sent", _("Message sent")
    MESSAGE_OPENED = "message_opened", _("Message opened")
    INVITATION_UNANSWERED = "invite_unanswered", _("Invitation left unanswered")


class ConsentState(TextChoices):
    GIVEN = "given", _("Given")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    NEVER = "never", _("Never")


class NoticeState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    DROPPED = "dropped", _("Dropped")


class RequestKind(TextChoices):
    """What a person may ask about their own data. Source: PIPL 44 to 48, 24."""

    ACCESS = "access", _("See what is held")
    COPY = "copy", _("A copy")
    PORTABILITY = "portability", _("Hand over in machine form")
    CORRECT = "correct", _("Correct")
    ERASE = "erase", _("Erase")
    EXPLAIN = "explain", _("Explain the tier")
    RESTRICT = "restrict", _("Restrict the use")
    REFUSE_PROFILING = "refuse_profiling", _("Refuse profiling")


class RequestSource(TextChoices):
    PAGE = "page", _("The doctor's page")
    HOTLINE = "hotline", _("Hotline")
    MAIL = "mail", _("Letter or e-mail")
    REP = "rep", _("A representative")


class RequestState(TextChoices):
    OPEN = "open", _("Open")
    DECIDED = "decided", _("Waits for the second person")
    CLOSED = "closed", _("Answered")
    DROPPED = "dropped", _("Taken back by the doctor")


class IdentityCheck(TextChoices):
    """How it was made sure who asks."""

    CODE = "code", _("One-time code to the contact on file")
    CALL_BACK = "call_back", _("Called back on the number on file")
    HOSPITAL = "hospital", _("Through the hospital")
    WECOM = "wecom", _("WeCom identity")
    IN_PERSON = "in_person", _("In person")


class LegalBasis(TextChoices):
    """Ground of processing. Source: PIPL 13(1)."""

    CONSENT = "consent", _("Consent")
    SEPARATE_CONSENT = "separate_consent", _("Separate consent")
    CONTRACT = "contract", _("Contract")
    LEGAL_DUTY = "legal_duty", _("Legal duty")
    PUBLIC_INFORMATION = "public_information", _("Lawfully public information")


class AssignmentSource(TextChoices):
    EXPLICIT = "explicit", _("By hand")
    RULE = "rule", _("By rule")
    IMPORT = "import", _("By import")
    MERGE = "merge", _("By merging")
    PROPOSED = "proposed", _("Proposed from the field")


class ListKind(TextChoices):
    FILTER = "filter", _("By filter")
    PICKS = "picks", _("Picked")


class BulkAct(TextChoices):
    """What is done to many doctors of a list at once."""

    ADD = "add", _("Add to a list")
    REMOVE = "remove", _("Take off the list")
    REALIGN = "realign", _("Propose another territory")


class RuleKind(TextChoices):
    """What a territory is made of. The nearer word wins: a doctor over a hospital over a county over a province."""

    DIVISION = "division", _("Division")
    HOSPITAL = "hospital", _("Hospital")
    DOCTOR = "doctor", _("Doctor")
    NOT_HOSPITAL = "not_hospital", _("Without the hospital")
    NOT_DOCTOR = "not_doctor", _("Without the doctor")


class RealignmentKind(TextChoices):
    DOCTOR = "doctor", _("One doctor")
    HOSPITAL = "hospital", _("Everybody of a hospital")
    DIVISION = "division", _("Everybody of a division")
    TERRITORY = "territory", _("Everybody of a territory")
    RULES = "rules", _("Everybody whom the rules of the territory name")
    REVERSE = "reverse", _("Everybody back where an earlier realignment took them from")


class RealignmentState(TextChoices):
    DRAFT = "draft", _("Draft")
    ASKED = "asked", _("Waiting for approval")
    APPROVED = "approved", _("Approved, being carried out")
    DONE = "done", _("Carried out")
    REFUSED = "refused", _("Not approved")
    DROPPED = "dropped", _("Dropped")


class ChallengeKind(TextChoices):
    MINE = "mine", _("Should be mine")
    NOT_MINE = "not_mine", _("Should not be mine")


class ChangeState(TextChoices):
    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    PARTLY = "partly", _("Accepted in part")
    REFUSED = "refused", _("Refused")


class ChangeKind(TextChoices):
    CORRECTION = "correction", _("Correction")
    NEW_DOCTOR = "new_doctor", _("New doctor")


class Weight(IntegerChoices):
    """Usual weight of an interaction in hundredths of one face-to-face visit; scoring may use others."""

    LIGHT = 25, _("Light")
    HALF = 50, _("Half")
    FULL = 100, _("Full")
    STRONG = 200, _("Strong")


class ModelState(TextChoices):
    DRAFT = "draft", _("Draft")
    ASSESSED = "assessed", _("Impact assessed")
    ACTIVE = "active", _("In force")
    RETIRED = "retired", _("Out of use")


class Cut(TextChoices):
    LINE = "line", _("Fixed lines")
    SHARE = "share", _("Shares of all doctors")


class CohortBy(TextChoices):
    """What the doctors ranked among themselves have in common."""

    SPECIALTY_LEVEL = "specialty_level", _("Specialty and hospital level")
    SPECIALTY = "specialty", _("Specialty")
    LEVEL = "level", _("Hospital level")
    ALL = "all", _("All doctors together")


class RunKind(TextChoices):
    FULL = "full", _("Full run")
    DAYTIME = "daytime", _("Daytime update")


class RunState(TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class AlertKind(TextChoices):
    RISING = "rising", _("Rising")
    COOLING = "cooling", _("Cooling")


class TrialKind(TextChoices):
    WHAT_IF = "what_if", _("What if")
    EVALUATION = "evaluation", _("Evaluation")


class TierReason(TextChoices):
    SCORED = "scored", _("By score")
    OVERRIDDEN = "overridden", _("Set by hand")
    OVERRIDE_ENDED = "override_ended", _("Setting by hand ended")
    REFUSED = "refused", _("Doctor refused profiling")


class OverrideReason(TextChoices):
    NEW_PUBLIC_FACT = "new_public_fact", _("New public fact not yet on file")
    WRONG_FACT = "wrong_fact", _("A fact on file is wrong")
    CONTESTED = "contested", _("The doctor contests the tier")
    MOVED = "moved", _("The doctor moved or retires")
    OTHER = "other", _("Other")


class ContestState(TextChoices):
    OPEN = "open", _("Waits for a person")
    KEPT = "kept", _("Tier kept")
    CHANGED = "changed", _("Tier changed")


class OverrideState(TextChoices):
    ASKED = "asked", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Not approved")
    ENDED = "ended", _("Ended")


class ContentKind(TextChoices):
    """Kinds of academic content a playbook may name; the words of the library of materials."""

    DETAIL_AID = "detail_aid", _("Detail aid")
    DECK = "deck", _("Slide deck")
    LEAVE_BEHIND = "leave_behind", _("Leave-behind")
    REPRINT = "reprint", _("Reprint")
    ARTICLE = "article", _("Article")
    VIDEO = "video", _("Video")
    QA = "qa", _("Questions and answers")
    PATIENT_EDUCATION = "patient_education", _("Patient education")


class ErasureState(TextChoices):
    """How far a doctor's personal values are gone."""

    ERASED = "erased", _("Erased")
    FROZEN = "frozen", _("Frozen under a legal duty to keep")


class MatchState(TextChoices):
    WAITING = "waiting", _("Waiting")
    FITTED = "fitted", _("Fitted")
    IN_FORCE = "in_force", _("In force")
    RETIRED = "retired", _("Out of use")
    FAILED = "failed", _("Failed")


class PairState(TextChoices):
    """What became of two records that look alike."""

    OPEN = "open", _("To decide")
    SAME = "same", _("One doctor")
    DIFFERENT = "different", _("Two doctors")
    LATER = "later", _("Later")
