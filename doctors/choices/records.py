"""Named values of keeping records right: proposed changes and duplicates."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ChangeState(TextChoices):
    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    PARTLY = "partly", _("Accepted in part")
    REFUSED = "refused", _("Refused")


class ChangeKind(TextChoices):
    CORRECTION = "correction", _("Correction")
    NEW_DOCTOR = "new_doctor", _("New doctor")


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
