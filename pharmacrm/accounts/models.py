"""People of the company, and the territory tree that gives them sight of doctors."""

from __future__ import annotations

from functools import cached_property

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import Governed
from pharmacrm.common.versions import VersionManager

from .choices import Role, Theme


class User(AbstractUser):
    """A person of the company, or a service account; never reused for somebody else (21 CFR 11.100)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField(_("Name"), max_length=80)
    job_title = models.CharField(_("Job title"), max_length=80, blank=True, default="")
    language = models.CharField(_("Language"), max_length=10, blank=True, default="")
    theme = models.CharField(_("Appearance"), max_length=8, choices=Theme, blank=True, default="")
    line_manager = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="reports")

    history = HistoricalRecords(excluded_fields=["password", "last_login"], history_manager=VersionManager)

    REQUIRED_FIELDS = ["email", "display_name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(line_manager=F("id")), name="user_does_not_report_to_themselves"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return str(self)

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles this person holds, read once."""
        return frozenset(self.groups.values_list("name", flat=True))

    def has_role(self, *roles: str) -> bool:
        return self.is_active and not self.roles.isdisjoint(str(role) for role in roles)


class LastSignIn(models.Model):
    """When a person last signed in. Apart from `User`, so that a sign-in is no version of the person."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="last_sign_in")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.at}"


class Territory(Governed):
    """A node of the territory tree; `path` holds the keys from the root to itself, so a branch is one index scan."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=80)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.TextField(unique=True, help_text="/root-code/…/own-code/")
    line = models.CharField(max_length=16, blank=True, default="")  # team or product line; a branch has one
    closes_on = models.DateField(null=True, blank=True)  # first day on which it no longer exists

    class Meta:
        verbose_name_plural = "territories"
        constraints = [
            models.CheckConstraint(condition=Q(path__endswith="/"), name="territory_path_ends_in_a_slash"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="territory_is_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class TerritoryMove(Governed):
    """A territory hangs below another from a day on; one that lies ahead waits for its day."""

    territory = models.ForeignKey(Territory, models.PROTECT, related_name="moves")
    parent = models.ForeignKey(Territory, models.PROTECT, related_name="+")
    effective_on = models.DateField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["territory"], condition=Q(done_at__isnull=True), name="territorymove_waits_once"
            ),
            models.CheckConstraint(
                condition=~Q(territory=F("parent")), name="territorymove_is_not_into_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.effective_on}"


class TerritoryMember(Governed):
    """A person works in a territory from a day until before another; never twice at once in the same one."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="members")
    role = models.CharField(max_length=16, choices=Role, default=Role.REP)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)  # first day on which it no longer holds

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="territorymember_ends_after_it_starts",
            ),
            ExclusionConstraint(
                name="territorymember_holds_once_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("territory", RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_until"),
                            RangeBoundary(),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.territory_id}"
