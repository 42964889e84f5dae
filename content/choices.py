"""Named values of what may be shown."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ControlledClass(TextChoices):
    """Medicines no one may advertise at all. Source: 广告法 (2021) art. 15."""

    NONE = "none", _("Not controlled")
    NARCOTIC = "narcotic", _("Narcotic")
    PSYCHOTROPIC = "psychotropic", _("Psychotropic")
    TOXIC = "toxic", _("Toxic for medical use")
    RADIOACTIVE = "radioactive", _("Radioactive")
    PRECURSOR = "precursor", _("Precursor chemical")
    DETOX = "detox", _("Drug for detoxification")


class LifeCycleStage(TextChoices):
    PRE_LAUNCH = "pre_launch", _("Before launch")
    LAUNCH = "launch", _("Launch")
    REIMBURSEMENT = "reimbursement", _("Reimbursement listing")
    VOLUME_PROCUREMENT = "volume_procurement", _("Volume-based procurement")
    MATURE = "mature", _("Mature")


class LabelStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    EFFECTIVE = "effective", _("In force")
    SUPERSEDED = "superseded", _("Superseded")


class LabelSectionKind(TextChoices):
    """Sections of a Chinese package insert, in their official order."""

    COMPOSITION = "composition", _("Composition")
    INDICATIONS = "indications", _("Indications")
    STRENGTH = "strength", _("Strength")
    DOSAGE = "dosage", _("Dosage and administration")
    ADVERSE_REACTIONS = "adverse_reactions", _("Adverse reactions")
    CONTRAINDICATIONS = "contraindications", _("Contraindications")
    PRECAUTIONS = "precautions", _("Precautions")
    PREGNANCY = "pregnancy", _("Pregnancy and lactation")
    PAEDIATRIC = "paediatric", _("Use in children")
    GERIATRIC = "geriatric", _("Use in the elderly")
    INTERACTIONS = "interactions", _("Interactions")
    OVERDOSE = "overdose", _("Overdose")
    CLINICAL_TRIALS = "clinical_trials", _("Clinical trials")
    PHARMACOLOGY = "pharmacology", _("Pharmacology and toxicology")
    PHARMACOKINETICS = "pharmacokinetics", _("Pharmacokinetics")
    STORAGE = "storage", _("Storage")


class ReferenceKind(TextChoices):
    TRIAL = "trial", _("Clinical trial")
    REAL_WORLD = "real_world", _("Real-world study")
    META_ANALYSIS = "meta_analysis", _("Meta-analysis")
    GUIDELINE = "guideline", _("Guideline")
    CONSENSUS = "consensus", _("Consensus")
    REVIEW = "review", _("Review")
    LABEL = "label", _("Label")
    CASE_REPORT = "case_report", _("Case report")
    OTHER = "other", _("Other")


class EvidenceLevel(TextChoices):
    """Source: Oxford CEBM levels of evidence (2011), question "does this intervention help"."""

    ONE = "1", _("Level 1: systematic review of randomised trials")
    TWO = "2", _("Level 2: randomised trial")
    THREE = "3", _("Level 3: controlled cohort")
    FOUR = "4", _("Level 4: case series or historically controlled study")
    FIVE = "5", _("Level 5: mechanism-based reasoning")
    UNRATED = "unrated", _("Not rated")


class ReferenceStanding(TextChoices):
    SOUND = "sound", _("No notice known")
    CONCERN = "concern", _("Expression of concern")
    RETRACTED = "retracted", _("Retracted")


class ClaimStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    RE_REVIEW = "re_review", _("Under re-review")
    RETIRED = "retired", _("Retired")


class MaterialKind(TextChoices):
    DETAIL_AID = "detail_aid", _("Detail aid")
    DECK = "deck", _("Slide deck")
    LEAVE_BEHIND = "leave_behind", _("Leave-behind")
    REPRINT = "reprint", _("Reprint")
    POSTER = "poster", _("Poster")
    ARTICLE = "article", _("Article")
    VIDEO = "video", _("Video")
    EMAIL = "email", _("E-mail")
    WECHAT_ARTICLE = "wechat_article", _("WeChat article")
    QA = "qa", _("Questions and answers")
    PATIENT_EDUCATION = "patient_education", _("Patient education")
    JOURNAL_ADVERTISEMENT = "journal_advertisement", _("Journal advertisement")


class Purpose(TextChoices):
    ACADEMIC = "academic", _("Academic")
    PROFESSIONAL = "professional", _("Professional")
    POLICY = "policy", _("Policy")
    PATIENT = "patient", _("Patient")


class Channel(TextChoices):
    """Ways a material may reach a reader."""

    FACE_TO_FACE = "face_to_face", _("Face to face")
    VIDEO = "video", _("Video call")
    EVENT = "event", _("Event")
    PORTAL = "portal", _("Doctor's page")
    EMAIL = "email", _("E-mail")
    WECOM = "wecom", _("WeCom")
    SMS = "sms", _("Text message")
    DESIGNATED_JOURNAL = "designated_journal", _("Designated medical journal")
    POSTER = "poster", _("Poster")
    WEB = "web", _("Public website")
    WECHAT_OPEN = "wechat_open", _("Open WeChat article")
    MOMENTS = "moments", _("WeChat Moments")
    VIDEO_CHANNEL = "video_channel", _("WeChat video channel")
    MASS_MEDIA = "mass_media", _("Mass media")


class AudienceTier(TextChoices):
    CORE = "core", _("Core expert")
    POTENTIAL = "potential", _("Doctor with potential")
    BASIC = "basic", _("Basic doctor")


class AudienceRole(TextChoices):
    DECISION_MAKER = "decision_maker", _("Decision-maker")
    INFLUENCER = "influencer", _("Influencer")
    USER = "user", _("User")


class AudienceHospitalLevel(TextChoices):
    """The stored values of a hospital's level, as the customer master has them."""

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


class MaterialStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    APPROVED = "approved", _("Approved")
    RELEASED = "released", _("Released")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    RECALLED = "recalled", _("Recalled")
    SUPERSEDED = "superseded", _("Superseded")
    REFUSED = "refused", _("Refused")


class Severity(TextChoices):
    MUST = "must", _("Must change")
    SHOULD = "should", _("Suggestion")


class FindingState(TextChoices):
    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    FIXED = "fixed", _("Fixed")


class RoundOutcome(TextChoices):
    OPEN = "open", _("Open")
    APPROVED = "approved", _("Approved")
    CHANGES = "changes", _("Changes requested")
    REFUSED = "refused", _("Refused")
    VOID = "void", _("Void: the file changed")
    RECALLED = "recalled", _("Taken back by the author")


class SeatRole(TextChoices):
    """The three who sign. Roles of the company's people have the same names."""

    MEDICAL = "medical", _("Medical review")
    REGULATORY = "regulatory", _("Regulatory review")
    COMPLIANCE = "compliance", _("Compliance review")


class SeatDecision(TextChoices):
    WAITING = "waiting", _("In review")
    AGREED = "agreed", _("Agreed")
    CHANGES = "changes", _("Returned for changes")
    REFUSED = "refused", _("Refused")
    VOID = "void", _("Void")


class AnnotationKind(TextChoices):
    MUST = "must", _("Must change")
    SHOULD = "should", _("Suggestion")
    QUESTION = "question", _("Question")
