"""Named values about people. A role is a Django group of the same name."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    REP = "rep", _("Medical representative")
    LINE_MANAGER = "line_manager", _("Line manager")
    MARKETING = "marketing", _("Marketing")
    MEDICAL = "medical", _("Medical")
    REGULATORY = "regulatory", _("Regulatory")
    COMPLIANCE = "compliance", _("Compliance officer")
    PV = "pv", _("Pharmacovigilance officer")
    STEWARD = "steward", _("Data steward")
    ADMINISTRATOR = "administrator", _("Administrator")
    INSPECTOR = "inspector", _("Inspector")
    SERVICE = "service", _("Service account")


class Theme(TextChoices):
    AUTO = "auto", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")
