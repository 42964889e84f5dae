"""Named values of the kernel."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Grade(TextChoices):
    """Force of a rule. Source: SAMR guideline on commercial bribery risks of medical companies (2025)."""

    BAN = "禁止", _("Forbidden")
    AVOID = "避免", _("Avoid")
    WATCH = "关注", _("Watch")
    SHALL = "应当", _("Required")
    ADVISE = "建议", _("Advised")
    ADVOCATE = "倡导", _("Advocated")
    MAY = "可以", _("Allowed")


class PointKind(TextChoices):
    BEFORE = "before", _("Before the act")
    AFTER = "after", _("After the act")


class VerificationResult(TextChoices):
    AGREES = "agrees", _("Agrees")
    DIFFERS = "differs", _("Differs")


class SigningMethod(TextChoices):
    PASSWORD_AND_CODE = "password_code", _("Password and one-time code")
    PASSWORD = "password", _("Password, in a session signed before")


class ApprovalState(TextChoices):
    OPEN = "open", _("In approval")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    RETURNED = "returned", _("Returned for change")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class StepMode(TextChoices):
    ALL = "all", _("All have to agree")
    ANY = "any", _("One agreement is enough")


class StepState(TextChoices):
    WAITING = "waiting", _("Not yet asked")
    OPEN = "open", _("Asked")
    AGREED = "agreed", _("Agreed")
    REFUSED = "refused", _("Refused")
    RETURNED = "returned", _("Returned for change")
    PASSED_ON = "passed_on", _("Passed on")
    NOT_NEEDED = "not_needed", _("No longer needed")


class ApprovalVerb(TextChoices):
    AGREE = "agree", _("Agree")
    REFUSE = "refuse", _("Refuse")
    RETURN = "return", _("Return for change")
    PASS_ON = "pass_on", _("Pass on")
    ADD_SIGNER = "add_signer", _("Add an approver")
    WITHDRAW = "withdraw", _("Withdraw")
    URGE = "urge", _("Urge")
    COPY = "copy", _("Send a copy")


class FindingState(TextChoices):
    OPEN = "open", _("Open")
    IN_CASE = "in_case", _("In a case")
    SETTLED = "settled", _("Settled")


class CaseState(TextChoices):
    OPEN = "open", _("Open")
    HELD = "held", _("Held")
    INVESTIGATING = "investigating", _("Investigating")
    CORRECTING = "correcting", _("Correcting")
    CLOSED = "closed", _("Closed")


class RuleState(TextChoices):
    DRAFT = "draft", _("Draft")
    LIVE = "live", _("In force")
    RETIRED = "retired", _("Retired")
    REFUSED = "refused", _("Refused")


class ParameterState(TextChoices):
    DRAFT = "draft", _("Draft")
    LIVE = "live", _("In force")
    REFUSED = "refused", _("Refused")


class AlarmPlace(TextChoices):
    COLUMN = "column", _("Column of an import")
    NOTE = "note", _("Free text")


class AlarmState(TextChoices):
    OPEN = "open", _("Kept apart")
    RELEASED = "released", _("Released as false")
    RIGHT = "right", _("Right, words destroyed")


class GuardCategory(TextChoices):
    """What the never-store guard tells apart. Source: regulations reference, section 11."""

    PRESCRIPTION_COUNTS = "prescription_counts", _("Prescription counts")
    SALES = "sales", _("Sales figures")
    GIFT = "gift", _("Gifts and benefits")
    PATIENT_IDENTITY = "patient_identity", _("Patients' identity")
    BELIEF = "belief", _("Beliefs")
    FAMILY = "family", _("Relatives")
    LOCATION = "location", _("Whereabouts")


class WatchState(TextChoices):
    ASKED = "asked", _("Reason asked")
    ANSWERED = "answered", _("Reason given")
    REVIEWED = "reviewed", _("Reviewed")


class WaiverState(TextChoices):
    REQUESTED = "requested", _("Requested")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")
    RETURNED = "returned", _("Returned for change")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REVOKED = "revoked", _("Revoked")


class ContractKind(TextChoices):
    EMPLOYMENT = "employment", _("Employment contract")
    AUTHORISATION = "authorisation", _("Authorisation")
    CSO = "cso", _("Contract sales organisation")


class Scene(TextChoices):
    """Where a rule belongs: the guideline's scenes, then content, privacy, safety and records."""

    REPRESENTATIVE = "representative", _("Representatives")
    VISIT = "visit", _("Academic visits")
    EVENT = "event", _("Academic events")
    HOSPITALITY = "hospitality", _("Hospitality")
    CONSULTING = "consulting", _("Speakers and services")
    OUTSOURCING = "outsourcing", _("Third parties")
    GIVING = "giving", _("Donations and sponsorship")
    RESEARCH = "research", _("Clinical studies")
    RETAIL = "retail", _("Retail")
    CONTENT = "content", _("Materials and advertising")
    CHANNEL = "channel", _("Channels and consent")
    SAFETY = "safety", _("Drug safety")
    PRIVACY = "privacy", _("Personal data")
    RECORD = "record", _("Records")
    KERNEL = "kernel", _("Holds")


class TrainedRole(TextChoices):
    """The roles that a course can be required of, by the names that accounts gives them."""

    REP = "rep", _("Medical representative")
    LINE_MANAGER = "line_manager", _("Line manager")
    MARKETING = "marketing", _("Marketing")
    MEDICAL = "medical", _("Medical")
    REGULATORY = "regulatory", _("Regulatory")
    PV = "pv", _("Pharmacovigilance officer")


class CaseSource(TextChoices):
    """Who or what opened a case."""

    PERSON = "person", _("An officer")
    DETECTOR = "detector", _("A detector")
    MONITORING = "monitoring", _("Monitoring")
    HOTLINE = "hotline", _("Hotline")
    INCIDENT = "incident", _("Personal-data incident")


class CaseRisk(TextChoices):
    HIGH = "high", pgettext_lazy("risk", "High")
    MEDIUM = "medium", pgettext_lazy("risk", "Medium")
    LOW = "low", pgettext_lazy("risk", "Low")


class Conclusion(TextChoices):
    """What the investigation says of one finding."""

    CONFIRMED = "confirmed", _("Confirmed")
    PARTLY = "partly", _("Confirmed in part")
    UNCONFIRMED = "unconfirmed", _("Not confirmed")


class EvidenceKind(TextChoices):
    FILE = "file", _("File")
    LEDGER = "ledger", _("Ledger receipt")
    STATEMENT = "statement", _("Statement")


class MeasureKind(TextChoices):
    CORRECTIVE = "corrective", _("Corrective")
    PREVENTIVE = "preventive", _("Preventive")


class MeasureState(TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Reported done")
    VERIFIED = "verified", _("Verified")
    DROPPED = "dropped", _("Dropped")


class Authority(TextChoices):
    """The seven departments that share what they learn (MR-19), the network authority and the discipline inspection."""

    NMPA = "nmpa", _("Medical products administration")
    SAMR = "samr", _("Market regulation")
    NHC = "nhc", _("Health commission")
    NHSA = "nhsa", _("Healthcare security")
    POLICE = "police", _("Public security")
    NATCM = "natcm", _("Traditional Chinese medicine administration")
    NDCPA = "ndcpa", _("Disease control")
    CAC = "cac", _("Cyberspace administration")
    DISCIPLINE = "discipline", _("Discipline inspection and supervision")


class LetterAudience(TextChoices):
    AUTHORITY = "authority", _("Authority")
    DOCTOR = "doctor", _("Doctor")
    PUBLIC = "public", _("Public")
    PERSONS = "persons", _("Persons concerned")


class LetterState(TextChoices):
    DRAFT = "draft", _("Draft")
    ASKED = "asked", _("In approval")
    APPROVED = "approved", _("Approved")
    SENT = "sent", _("Sent")


class IncidentKind(TextChoices):
    """What happened to personal data. Source: PIPL 57."""

    LEAK = "leak", _("Leak")
    ALTERED = "altered", _("Alteration")
    LOST = "lost", _("Loss")


class IncidentState(TextChoices):
    OPEN = "open", _("Open")
    CONTAINED = "contained", _("Contained")
    CLOSED = "closed", _("Closed")


class DataKind(TextChoices):
    """Kinds of personal data this product holds."""

    IDENTITY = "identity", _("Names and identity")
    CONTACT = "contact", _("Contact data")
    AFFILIATION = "affiliation", _("Hospital, department, title")
    CONSENT = "consent", _("Consents")
    INTERACTION = "interaction", _("Visits and events")
    PROFILE = "profile", _("Tiers and scores")
    BANK = "bank", _("Bank accounts")
    PATIENT = "patient", _("Patients in adverse-event reports")
    EMPLOYEE = "employee", _("Employees")


class PlanState(TextChoices):
    PLANNED = "planned", _("Planned")
    DRAWN = "drawn", _("Under review")
    CLOSED = "closed", _("Closed")


class ReviewResult(TextChoices):
    OPEN = "open", _("To be reviewed")
    CLEAN = "clean", _("Nothing to object to")
    FINDING = "finding", _("Objected to")


class Concern(TextChoices):
    """What a hotline report is about."""

    BRIBERY = "bribery", _("Money, gifts or other benefit")
    COUNTING = "counting", _("Counting prescriptions")
    PROMOTION = "promotion", _("Misleading or off-label promotion")
    RECORDS = "records", _("False records or receipts")
    SAFETY = "safety", _("Hidden adverse events")
    DATA = "data", _("Misuse of personal data")
    CONDUCT = "conduct", _("Other conduct")


class PackState(TextChoices):
    ASKED = "asked", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    REMOVED = "removed", _("Removed")


class TrailReviewState(TextChoices):
    OPEN = "open", _("Open")
    SIGNED = "signed", _("Signed")


class TrailMark(TextChoices):
    NONE = "none", _("Not marked")
    FINE = "fine", _("In order")
    QUESTION = "question", _("In question")


class CourseState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", pgettext_lazy("state", "Published")
    SUPERSEDED = "superseded", _("Superseded")


class QuestionKind(TextChoices):
    SINGLE = "single", _("One answer")
    MULTIPLE = "multiple", _("Several answers")
    BOOLEAN = "boolean", _("True or false")


class AttemptState(TextChoices):
    OPEN = "open", _("Begun")
    PASSED = "passed", _("Passed")
    FAILED = "failed", _("Not passed")


class DutyCause(TextChoices):
    """Why somebody has to take a course."""

    STARTER = "starter", _("Before field work")
    CHANGE = "change", _("The course changed")
    RULE = "rule", _("A rule of it changed")
    LABEL = "label", _("The label changed")
    RENEWAL = "renewal", _("The certificate ends")


class DutyState(TextChoices):
    OPEN = "open", pgettext_lazy("course", "To take")
    DONE = "done", pgettext_lazy("course", "Done")
    DROPPED = "dropped", _("No longer needed")


class LetterTextState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("In force")
    SUPERSEDED = "superseded", _("Superseded")


class CheckResult(TextChoices):
    """What came out of a check against lists of bribery."""

    CLEAR = "clear", _("Nothing found")
    OPEN = "open", _("A hit to decide")
    OTHER = "other", _("Somebody else of that name")
    FOUND = "found", _("A record found")


class RetentionState(TextChoices):
    """Where a run of destroying stands."""

    ASKED = "asked", _("Waits for the second signature")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")
    REFUSED = "refused", _("Refused")


class AssessmentKind(TextChoices):
    """What the law asks to assess beforehand. Source: PIPL 55."""

    PROFILING = "profiling", _("Automated decisions")
    SENSITIVE = "sensitive", _("Sensitive data")
    ENTRUSTING = "entrusting", _("Entrusting, giving, publishing")
    ABROAD = "abroad", _("Giving abroad")
    IMPORT = "import", _("Taking data in")
    OTHER = "other", _("Other with major effect")


class AssessmentState(TextChoices):
    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    RETIRED = "retired", _("Out of use")


class RiskLeft(TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


class ExportRoute(TextChoices):
    """Lawful routes across the border. Source: PIPL 38."""

    NONE = "none", _("None")
    CONTRACT = "contract", _("Standard contract")
    CERTIFICATE = "certificate", _("Certification")
    ASSESSMENT = "assessment", _("Security assessment by the authority")
