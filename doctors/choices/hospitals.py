"""Named values of hospitals and divisions."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DivisionKind(TextChoices):
    """Step of a division. Source: GB/T 2260."""

    PROVINCE = "province", _("Province")
    CITY = "city", _("City")
    COUNTY = "county", _("County")


class HospitalLevel(TextChoices):
    """Grade and class of a hospital. Source: 医院分级管理办法; national insurance code table hosp_lv."""

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
    UNKNOWN = "unknown", _("Level unknown")


class HospitalType(TextChoices):
    GENERAL = "general", _("General hospital")
    SPECIALISED = "specialised", _("Specialised hospital")
    TCM = "tcm", _("Hospital of Chinese medicine")
    INTEGRATED = "integrated", _("Hospital of integrated medicine")
    MATERNITY = "maternity", _("Maternal and child hospital")
    COMMUNITY = "community", _("Community health centre")
    TOWNSHIP = "township", _("Township health centre")
    CLINIC = "clinic", _("Clinic")
    DISEASE_CONTROL = "disease_control", _("Centre for disease control")
    OTHER = "other", _("Other institution")


class Ownership(TextChoices):
    PUBLIC = "public", _("Public")
    PRIVATE = "private", _("Private")
    MILITARY = "military", _("Military")
    UNKNOWN = "unknown", _("Not known")


class HospitalStatus(TextChoices):
    ACTIVE = "active", _("In operation")
    CLOSED = "closed", pgettext_lazy("hospital", "Closed")


class AliasKind(TextChoices):
    SHORT = "short", _("Short name")
    FORMER = "former", _("Former name")
    CAMPUS = "campus", _("Campus")
    OTHER = "other", _("Other name")
