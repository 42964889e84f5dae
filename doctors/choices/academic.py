"""Named values of publications, guideline work and preferences."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DatePrecision(TextChoices):
    """How exactly a day is known."""

    YEAR = "year", _("Year")
    MONTH = "month", _("Month")
    DAY = "day", _("Day")


class GuidelineRole(TextChoices):
    """The part a doctor had in a guideline or a consensus paper."""

    CHAIR = "chair", _("Chair of the group")
    LEAD_AUTHOR = "lead_author", _("Lead author")
    EXPERT = "expert", _("Member of the expert group")
    METHODS = "methods", _("Methods")
    REVIEWER = "reviewer", _("External reviewer")
    SECRETARY = "secretary", _("Secretary")


class ProposalState(TextChoices):
    """What became of an author who may be a doctor on record."""

    OPEN = "open", _("To decide")
    ATTACHED = "attached", _("Attached")
    REFUSED = "refused", _("Not this doctor")


class DoctorLanguage(TextChoices):
    """Languages the company can write to a doctor in."""

    CHINESE = "zh-hans", _("Chinese")
    ENGLISH = "en", _("English")
