"""Named values of consents, notices, requests and erasure."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ConsentState(TextChoices):
    GIVEN = "given", _("Given")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    NEVER = "never", _("Never")


class NoticeState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", pgettext_lazy("state", "Published")
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
    HOTLINE = "hotline", pgettext_lazy("telephone", "Hotline")
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


class CodeChannel(TextChoices):
    """How a one-time code reaches a doctor."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")
    READ_OUT = "read_out", _("Read out by the privacy desk")


class LegalBasis(TextChoices):
    """Ground of processing. Source: PIPL 13(1)."""

    CONSENT = "consent", _("Consent")
    SEPARATE_CONSENT = "separate_consent", _("Separate consent")
    CONTRACT = "contract", _("Contract")
    LEGAL_DUTY = "legal_duty", _("Legal duty")
    PUBLIC_INFORMATION = "public_information", _("Lawfully public information")


class ErasureState(TextChoices):
    """How far a doctor's personal values are gone."""

    ERASED = "erased", _("Erased")
    FROZEN = "frozen", _("Frozen under a legal duty to keep")
