"""Academic goals of a cycle: how many doctors of a tier are met, how often. Never sales (MR-10)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.choices import Channel, CycleState
from doctors.choices import Tier
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class Cycle(Governed):
    """A stretch of weeks for which academic coverage and frequency goals are set."""

    code = models.CharField(_("Code"), max_length=32, unique=True)
    name = models.CharField(pgettext_lazy("thing", "Name"), max_length=80)
    starts_on = models.DateField(_("First day"))
    ends_on = models.DateField(_("First day after"))  # exclusive
    state = models.CharField(max_length=12, choices=CycleState, default=CycleState.DRAFT)

    class Meta:
        indexes = [models.Index(fields=["state", "starts_on"], name="cycle_state_starts_idx")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="cycle_ends_after_it_starts")
        ]

    def __str__(self) -> str:
        return self.name


class PlanTarget(Governed):
    """One goal of a cycle: of the doctors of a tier, how many are met by a channel and how often each."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="targets")
    tier = models.CharField(_("Tier"), max_length=12, choices=Tier)
    channel = models.CharField(_("Channel"), max_length=16, choices=Channel)
    coverage_percent = models.PositiveSmallIntegerField(_("Doctors to meet, %"))
    contacts_per_doctor = models.PositiveSmallIntegerField(_("Contacts per doctor"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "tier", "channel"], name="plantarget_is_set_once_per_tier_and_channel"
            ),
            models.CheckConstraint(
                condition=Q(coverage_percent__lte=100), name="plantarget_coverage_is_a_percentage"
            ),
            models.CheckConstraint(
                condition=Q(contacts_per_doctor__gte=1) & Q(contacts_per_doctor__lte=60),
                name="plantarget_frequency_is_sensible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cycle_id} {self.tier} {self.channel}"


class TimeOff(Governed):
    """Days on which a representative does not work; plans leave them free."""

    rep = models.ForeignKey(USER, models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()  # exclusive

    class Meta:
        indexes = [models.Index(fields=["rep", "starts_on"], name="timeoff_rep_starts_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="timeoff_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rep_id} {self.starts_on}"
