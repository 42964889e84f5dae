"""A realignment: many changes drawn up together, looked at, approved, and carried out from a day on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doctors.choices import RealignmentKind, RealignmentState
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import Governed

from .divisions import Division
from .doctors import Doctor
from .hospitals import Hospital

USER = settings.AUTH_USER_MODEL


class Realignment(Governed):
    """Who should belong where from a day on. `moves_sha256` is the preview that the approval stands under."""

    name = models.CharField(max_length=80)
    reason = models.CharField(max_length=300, blank=True, default="")
    effective_on = models.DateField()
    state = models.CharField(max_length=10, choices=RealignmentState, default=RealignmentState.DRAFT)
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    approver = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    moves_sha256 = models.CharField(max_length=64, blank=True, default="")
    previewed_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    carried_out_at = models.DateTimeField(null=True)
    job = models.ForeignKey("common.Job", models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(approver=F("author")), name="realignment_two_people"),
            models.CheckConstraint(
                condition=~Q(state__in=[RealignmentState.APPROVED, RealignmentState.DONE])
                | Q(approver__isnull=False, decided_at__isnull=False),
                name="realignment_approved_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RealignmentChange(Governed):
    """One line of a realignment; of two that name the same doctor, the later holds."""

    realignment = models.ForeignKey(Realignment, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=RealignmentKind)
    from_territory = models.ForeignKey("accounts.Territory", models.PROTECT, null=True, related_name="+")
    to_territory = models.ForeignKey("accounts.Territory", models.PROTECT, null=True, related_name="+")
    division = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")
    hospital = models.ForeignKey(Hospital, models.PROTECT, null=True, related_name="+")
    doctor = models.ForeignKey(Doctor, models.PROTECT, null=True, related_name="+")
    reverses = models.ForeignKey(Realignment, models.PROTECT, null=True, related_name="+")
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=RealignmentKind.DOCTOR, doctor__isnull=False, to_territory__isnull=False)
                | Q(kind=RealignmentKind.HOSPITAL, hospital__isnull=False, to_territory__isnull=False)
                | Q(kind=RealignmentKind.DIVISION, division__isnull=False, to_territory__isnull=False)
                | Q(kind=RealignmentKind.TERRITORY, from_territory__isnull=False, to_territory__isnull=False)
                | Q(kind=RealignmentKind.RULES, to_territory__isnull=False)
                | Q(kind=RealignmentKind.REVERSE, reverses__isnull=False),
                name="realignmentchange_names_what_its_kind_says",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.realignment_id} {self.kind}"


class RealignmentMove(models.Model):
    """One doctor who changes hands by a realignment, as its preview shows and as it is carried out."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    realignment = models.ForeignKey(Realignment, models.PROTECT, related_name="moves")
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="+")
    line = models.CharField(max_length=16, blank=True, default="")
    from_territory = models.ForeignKey("accounts.Territory", models.PROTECT, null=True, related_name="+")
    to_territory = models.ForeignKey("accounts.Territory", models.PROTECT, null=True, related_name="+")
    is_blocked = models.BooleanField(default=False)  # another assignment begins later: this one is left alone

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["realignment", "doctor", "line"], name="realignmentmove_is_one_a_line"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.realignment_id} {self.doctor_id}"
