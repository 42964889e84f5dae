"""Named values of what is done: plans, visits, hospital doors, needs, inquiries, safety."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Channel(TextChoices):
    """Ways of academic contact that an institution may agree to (MR-03)."""

    FACE_TO_FACE = "face_to_face", _("Face to face in the institution")
    PHONE = "phone", _("Phone")
    VIDEO = "video", _("Video call")
    WECOM = "wecom", _("WeCom")


class Purpose(TextChoices):
    """The four tasks of a medical representative; there is no other purpose (MR-02)."""

    PLAN_PROMOTION = "plan_promotion", _("Work on the promotion plan")
    DELIVER_INFORMATION = "deliver_information", _("Pass on medicine information")
    RATIONAL_USE = "rational_use", _("Help rational use")
    COLLECT_FEEDBACK = "collect_feedback", _("Collect clinical feedback")


class VisitState(TextChoices):
    PLANNED = "planned", _("Planned")
    STARTED = "started", _("Started")
    SAVED = "saved", _("Saved")
    SUBMITTED = "submitted", pgettext_lazy("visit", "Submitted")
    AMENDED = "amended", _("Amended")
    CANCELLED = "cancelled", _("Cancelled")


class PlanFate(TextChoices):
    """What a realignment makes of a planned visit with a doctor who changes hands."""

    KEPT = "kept", pgettext_lazy("plan", "Kept")
    HANDED_OVER = "handed_over", pgettext_lazy("plan", "Handed over")
    CANCELLED = "cancelled", pgettext_lazy("plan", "Cancelled")


class Lateness(TextChoices):
    """Visit end to saved on the device (ER-23); arrival at the server later is no lateness."""

    IN_TIME = "in_time", _("In time")
    LATE = "late", _("Late")
    TOO_LATE = "too_late", _("Too late")


class AdverseAnswer(TextChoices):
    """The answer to the question every visit asks (PV-09)."""

    UNASKED = "unasked", _("Not asked")
    NONE = "none", _("None heard")
    REPORTED = "reported", _("Heard and reported")


class Reaction(TextChoices):
    INTERESTED = "interested", _("Interested")
    NEUTRAL = "neutral", _("Neutral")
    DOUBTFUL = "doubtful", _("Doubtful")
    ASKED_MORE = "asked_more", _("Asked for more")


class CycleState(TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    CLOSED = "closed", pgettext_lazy("cycle", "Closed")


class Weekday(IntegerChoices):
    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


class Place(TextChoices):
    """Where a visit takes place. Hospitals keep representatives out of some of these (MR-15)."""

    RECEPTION_ROOM = "reception_room", _("Reception room")
    MEETING_ROOM = "meeting_room", _("Meeting room")
    OFFICE = "office", _("Office of the department")
    OUTPATIENT = "outpatient", _("Out-patient rooms")
    EMERGENCY = "emergency", _("Emergency")
    WARD = "ward", _("Wards")
    LABORATORY = "laboratory", _("Laboratory")
    EQUIPMENT = "equipment", _("Equipment department")
    PHARMACY = "pharmacy", _("Pharmacy")
    INFORMATION = "information", _("Information department")
    REMOTE = "remote", _("Not in the institution")


class BookingChannel(TextChoices):
    PHONE = "phone", _("Phone")
    ONLINE = "online", _("Online form")
    WECHAT = "wechat", _("WeChat account")
    ON_SITE = "on_site", _("On site")
    LETTER = "letter", _("Letter")


class BookingState(TextChoices):
    REQUESTED = "requested", _("Requested")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")


class NeedState(TextChoices):
    OPEN = "open", pgettext_lazy("clinical need", "Open")
    ANSWERED = "answered", pgettext_lazy("clinical need", "Answered")
    CLOSED = "closed", pgettext_lazy("clinical need", "Closed")


class InquiryState(TextChoices):
    CAPTURED = "captured", pgettext_lazy("inquiry", "Captured")
    WITH_MEDICAL = "with_medical", _("With medical")
    ANSWERED = "answered", pgettext_lazy("inquiry", "Answered")
    CLOSED = "closed", pgettext_lazy("inquiry", "Closed")


class SafetyState(TextChoices):
    CAPTURED = "captured", pgettext_lazy("safety report", "Captured")
    COMPLETE = "complete", pgettext_lazy("safety report", "Complete")
    SUBMITTED = "submitted", pgettext_lazy("safety report", "Submitted to the authority")


class Seriousness(TextChoices):
    UNKNOWN = "unknown", _("Not known yet")
    NOT_SERIOUS = "not_serious", _("Not serious")
    SERIOUS = "serious", _("Serious")
    FATAL = "fatal", _("Death")


class SafetyKind(TextChoices):
    ADVERSE_EVENT = "adverse_event", _("Suspected adverse event")
    MISUSE = "misuse", _("Misuse or medication error")
    QUALITY = "quality", _("Quality complaint")
    PREGNANCY = "pregnancy", _("Exposure in pregnancy")


class OperationKind(TextChoices):
    """What a phone may ask for in its operation log."""

    VISIT_PLAN = "visit.plan", _("Plan a visit")
    VISIT_START = "visit.start", _("Start a visit")
    VISIT_SAVE = "visit.save", _("Save a visit")
    VISIT_SUBMIT = "visit.submit", _("Submit a visit")
    VISIT_CANCEL = "visit.cancel", _("Cancel a visit")
    SAFETY_REPORT = "safety.report", _("Report a safety event")
    NEED_CAPTURE = "need.capture", _("Note a clinical need")
    INQUIRY_ASK = "inquiry.ask", _("Ask medical")
    FOLLOW_UP_ADD = "follow_up.add", _("Add a follow-up")


class OperationStatus(TextChoices):
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    REJECTED = "rejected", _("Not understood")


class EventKind(TextChoices):
    DEPARTMENT_MEETING = "department_meeting", _("Department meeting")
    CASE_DISCUSSION = "case_discussion", _("Case discussion")
    SALON = "salon", _("Academic salon")
    CITY = "city", _("City meeting")
    REGIONAL = "regional", _("Regional forum")
    NATIONAL = "national", _("National or international congress")
    SATELLITE = "satellite", _("Satellite symposium")
    LIVE = "live", _("Online live session")
    CME = "cme", _("Continuing medical education")


class EventState(TextChoices):
    DRAFT = "draft", pgettext_lazy("event", "Draft")
    REQUESTED = "requested", _("Approval asked")
    APPROVED = "approved", pgettext_lazy("event", "Approved")
    RUNNING = "running", pgettext_lazy("event", "Running")
    PROOF = "proof", _("Proof check")
    CLOSED = "closed", pgettext_lazy("event", "Closed")
    CANCELLED = "cancelled", pgettext_lazy("event", "Cancelled")


class SpeakerState(TextChoices):
    """A speaker is proposed, verified outside sales, then invited; only the last is judged as an invitation."""

    PROPOSED = "proposed", pgettext_lazy("speaker", "Proposed")
    VERIFIED = "verified", pgettext_lazy("speaker", "Selection verified")
    INVITED = "invited", pgettext_lazy("speaker", "Invited")


class InviterKind(TextChoices):
    """Who invites. A company may not be the one where a fee is paid (SP-01b)."""

    HOSPITAL = "hospital", _("Hospital")
    SOCIETY = "society", _("Society or association")
    UNIVERSITY = "university", _("University")
    RESEARCH_INSTITUTE = "research_institute", _("Research institute")
    PUBLIC_INSTITUTION = "public_institution", _("Public institution")
    STATE_BODY = "state_body", _("State body")
    COMPANY = "company", _("The company itself")


class FeePayer(TextChoices):
    HOST = "host", _("The host")
    COMPANY = "company", _("The company")


class SessionKind(TextChoices):
    TALK = "talk", _("Talk")
    CASE = "case", _("Case")
    DISCUSSION = "discussion", _("Discussion")
    BREAK = "break", _("Break")


class VenueClass(TextChoices):
    """Kinds of venue. The last ones are those RD-07 keeps away from."""

    HOSPITAL = "hospital", _("In the hospital")
    CONFERENCE_CENTRE = "conference_centre", _("Conference centre")
    BUSINESS_HOTEL = "business_hotel", _("Business hotel")
    RESTAURANT = "restaurant", _("Restaurant")
    RESORT = "resort", _("Resort")
    HOT_SPRING = "hot_spring", _("Hot spring")
    GOLF = "golf", _("Golf course")
    OTHER_LEISURE = "spa", _("Spa")


class InvitationState(TextChoices):
    SENT = "sent", _("Invited")
    ACCEPTED = "accepted", _("Will come")
    DECLINED = "declined", _("Will not come")


class AttendanceMethod(TextChoices):
    QR = "qr", _("QR code at the place")
    PAPER = "paper", _("Paper sheet")
    IMPORT = "import", _("Platform list")


class ProofKind(TextChoices):
    """What SP-12 asks for before an event is closed."""

    AGENDA = "agenda", _("Agenda with sponsor line")
    SIGN_IN = "sign_in", _("Sign-in sheet")
    PHOTO = "photo", _("Photo of the room")
    SPONSOR_PHOTO = "sponsor_photo", _("Photo of the sponsor line")
    DECK = "deck", _("Slides as shown")
    OTHER = "other", pgettext_lazy("proof", "Other")


class BudgetKind(TextChoices):
    VENUE = "venue", _("Venue")
    MEAL = "meal", _("Meal")
    TEA = "tea", _("Tea break")
    PRINT = "print", _("Printing")
    TRAVEL = "travel", _("Travel")
    OTHER = "other", pgettext_lazy("cost", "Other")


class ExpenseKind(TextChoices):
    """Costs an event may have. There is no kind for gifts, cash or entertainment (RD-02, RD-03)."""

    VENUE = "venue", _("Venue")
    MEAL = "meal", _("Meal")
    TEA = "tea", _("Tea break")
    PRINT = "print", _("Printing")
    TAXI = "taxi", _("Taxi")
    TRAIN = "train", _("Train")
    FLIGHT = "flight", _("Flight")
    ROOM = "room", _("Hotel room")


class TransferSource(TextChoices):
    """Who reported a transfer of value."""

    COMPANY = "company", _("Reported in China, in yuan")
    CMS_OPEN_PAYMENTS = "cms_open_payments", _("CMS Open Payments, in US dollars")


class TransferCategory(TextChoices):
    """Which report a transfer of value belongs to."""

    GENERAL = "general", _("General")
    RESEARCH = "research", _("Research")
