"""Communication strategy: what a doctor of some standing is offered, how, and how often."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doctors.choices import Channel, ContentKind, StakeholderKind, Tier
from pharmacrm.common.models import Governed

ANY = ""


class Playbook(Governed):
    """Goals, content kinds, channels and academic contacts per cycle for tier × role × level band × department.

    An empty cell means "any"; the most specific playbook decides. Frequency is academic contacts, never sales.
    """

    tier = models.CharField(_("Tier"), max_length=10, choices=Tier)
    role = models.CharField(_("Role"), max_length=16, choices=StakeholderKind, blank=True, default=ANY)
    level_band = models.CharField(_("Hospital level"), max_length=1, blank=True, default=ANY)
    department_code = models.CharField(_("Department"), max_length=16, blank=True, default=ANY)
    goal_zh = models.CharField(_("Goal (Chinese)"), max_length=300)
    goal_en = models.CharField(_("Goal (English)"), max_length=300)
    content_kinds = ArrayField(models.CharField(max_length=24, choices=ContentKind), default=list)
    channels = ArrayField(models.CharField(max_length=10, choices=Channel), default=list)
    visits_per_cycle = models.PositiveSmallIntegerField(_("Visits per cycle"))
    contacts_per_cycle = models.PositiveSmallIntegerField(_("All contacts per cycle"))
    version = models.PositiveSmallIntegerField(default=1)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tier", "role", "level_band", "department_code"],
                condition=Q(is_active=True),
                name="playbook_cell_is_unique",
            ),
            models.CheckConstraint(
                condition=Q(contacts_per_cycle__gte=models.F("visits_per_cycle")),
                name="playbook_contacts_include_visits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tier}/{self.role}/{self.level_band}/{self.department_code}"
