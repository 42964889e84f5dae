"""Named values of scoring and tiers."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Tier(TextChoices):
    CORE = "core", _("Core expert")
    POTENTIAL = "potential", _("Potential doctor")
    BASIC = "basic", _("Basic doctor")


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
