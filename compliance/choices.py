"""Named values of the kernel."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


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
