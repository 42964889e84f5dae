"""Lists of doctors that people keep: a filter with a name, or doctors picked one by one."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from doctors.choices import ListKind
from pharmacrm.common.models import Governed

from .doctors import Doctor

USER = settings.AUTH_USER_MODEL


class DoctorList(Governed):
    """A named list. Whoever opens it sees of it what they may see of the doctors, and nothing more."""

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=ListKind)
    filters = models.JSONField(default=dict)
    owner = models.ForeignKey(USER, models.PROTECT, related_name="+")
    shared_with = models.ForeignKey("accounts.Territory", models.PROTECT, null=True, related_name="+")
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=ListKind.FILTER) | Q(filters={}), name="doctorlist_picks_have_no_filter"
            ),
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=Q(dropped_at__isnull=True),
                name="doctorlist_name_is_ones_own",
            ),
        ]
        indexes = [models.Index(fields=["owner", "name"], name="doctorlist_owner_idx")]

    def __str__(self) -> str:
        return self.name


class DoctorListMember(Governed):
    """A doctor on a list of picks."""

    list = models.ForeignKey(DoctorList, models.PROTECT, related_name="members")
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["list", "doctor"], name="doctorlistmember_is_on_it_once"),
        ]

    def __str__(self) -> str:
        return f"{self.list_id} {self.doctor_id}"
