"""Named values of who looks after whom: assignments, lists, territories and realignments."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


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
