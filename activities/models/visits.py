"""Visits and what belongs to one: people, products, materials shown, follow-ups, amendments."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from activities.choices import AdverseAnswer, Channel, Lateness, Place, Purpose, Reaction, VisitState
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL
REPORTED = [VisitState.SUBMITTED, VisitState.AMENDED]


class Visit(Governed):
    """One academic contact of a representative with a doctor. Its key is made on the device that wrote it."""

    rep = models.ForeignKey(USER, models.PROTECT, related_name="+")
    doctor = models.ForeignKey("doctors.Doctor", models.PROTECT, related_name="+")
    hospital = models.ForeignKey("doctors.Hospital", models.PROTECT, related_name="+")
    department = models.ForeignKey("doctors.Department", models.PROTECT, null=True, related_name="+")
    channel = models.CharField(_("Channel"), max_length=16, choices=Channel, default=Channel.FACE_TO_FACE)
    purpose = models.CharField(
        _("Purpose"), max_length=20, choices=Purpose, default=Purpose.DELIVER_INFORMATION
    )
    state = models.CharField(_("State"), max_length=12, choices=VisitState, default=VisitState.PLANNED)
    in_breach = models.BooleanField(default=False)
    place = models.CharField(_("Place"), max_length=16, choices=Place, default=Place.RECEPTION_ROOM)
    planned_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    device_saved_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    lateness = models.CharField(max_length=12, choices=Lateness, default=Lateness.IN_TIME)
    late_reason = models.CharField(_("Why so late"), max_length=200, blank=True, default="")
    was_offline = models.BooleanField(default=False)
    is_clock_unproven = models.BooleanField(default=False)
    ae_answer = models.CharField(max_length=12, choices=AdverseAnswer, default=AdverseAnswer.UNASKED)
    note_sealed = models.BinaryField(null=True)  # under the doctor's own key
    note_hits = models.JSONField(
        default=list
    )  # ids of never-store rules the note met; its words are not kept
    booking = models.ForeignKey("activities.Booking", models.PROTECT, null=True, related_name="+")
    verdict_id = models.UUIDField(null=True)
    op_id = models.UUIDField(null=True)
    # A plan that a realignment ended or gave to this person, and the key of the plan it became.
    realignment = models.ForeignKey(
        "doctors.Realignment", models.PROTECT, null=True, related_name="+", db_index=False
    )
    handed_over_to = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["rep", "-planned_at"], name="visit_rep_planned_idx"),
            models.Index(fields=["rep", "-ended_at"], name="visit_rep_ended_idx"),
            models.Index(fields=["doctor", "-ended_at"], name="visit_doctor_ended_idx"),
            models.Index(fields=["hospital", "-ended_at"], name="visit_hospital_ended_idx"),
            models.Index(fields=["state", "-id"], name="visit_state_idx"),
            models.Index(fields=["-id"], name="visit_in_breach_idx", condition=Q(in_breach=True)),
            models.Index(
                fields=["realignment"], name="visit_realignment_idx", condition=Q(realignment__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=REPORTED)
                | (
                    Q(started_at__isnull=False, ended_at__isnull=False, submitted_at__isnull=False)
                    & ~Q(ae_answer=AdverseAnswer.UNASKED)
                    & Q(verdict_id__isnull=False)
                ),
                name="visit_submitted_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True)
                | Q(started_at__isnull=False, ended_at__gte=F("started_at")),
                name="visit_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(in_breach=False) | Q(state__in=REPORTED), name="visit_in_breach_is_submitted"
            ),
            models.UniqueConstraint(
                fields=["rep", "op_id"], condition=Q(op_id__isnull=False), name="visit_is_written_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rep_id} {self.doctor_id} {self.state}"

    @property
    def moment(self):
        """When it took place, or is to."""
        return self.ended_at or self.started_at or self.planned_at

    @property
    def is_reported(self) -> bool:
        return self.state in REPORTED


class VisitAttendee(Governed):
    """A further doctor in a group visit."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="attendees")
    doctor = models.ForeignKey("doctors.Doctor", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "doctor"], name="visitattendee_is_named_once")
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.doctor_id}"


class VisitProduct(Governed):
    """A product that was talked about: which approved message, and how it was received."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="products")
    product = models.ForeignKey("content.Product", models.PROTECT, related_name="+")
    claim = models.ForeignKey("content.Claim", models.PROTECT, null=True, related_name="+")
    reaction = models.CharField(max_length=12, choices=Reaction, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["product", "visit"], name="visitproduct_product_idx")]
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "product", "claim"],
                nulls_distinct=False,
                name="visitproduct_is_named_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.product_id}"


class PlannedMaterial(Governed):
    """A version somebody means to show at a planned visit; the law looks at it when planning and when starting."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="planned_materials")
    version = models.ForeignKey("content.MaterialVersion", models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["version", "visit"], name="plannedmaterial_version_idx")]
        constraints = [
            models.UniqueConstraint(fields=["visit", "version"], name="plannedmaterial_is_named_once")
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.version_id}"


class VisitMaterial(Governed):
    """A released version shown to a doctor; before its visit is written it stands alone."""

    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="materials")
    rep = models.ForeignKey(USER, models.PROTECT, related_name="+")
    doctor = models.ForeignKey("doctors.Doctor", models.PROTECT, related_name="+")
    version = models.ForeignKey("content.MaterialVersion", models.PROTECT, related_name="+")
    shown_at = models.DateTimeField()
    verdict_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["doctor", "-shown_at"], name="visitmaterial_doctor_shown_idx"),
            models.Index(fields=["version", "-shown_at"], name="visitmaterial_version_idx"),
            models.Index(fields=["rep", "-shown_at"], name="visitmaterial_rep_shown_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.doctor_id}"


class MaterialView(Governed):
    """How long one page of a shown material stayed on the screen."""

    showing = models.ForeignKey(VisitMaterial, models.PROTECT, related_name="views")
    page = models.PositiveSmallIntegerField()
    dwell_ms = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["showing", "page"], name="materialview_page_is_unique")
        ]

    def __str__(self) -> str:
        return f"{self.showing_id} {self.page}"


class FollowUp(Governed):
    """Something promised to a doctor, by a day."""

    rep = models.ForeignKey(USER, models.PROTECT, related_name="+")
    doctor = models.ForeignKey("doctors.Doctor", models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="follow_ups")
    text_sealed = models.BinaryField()  # under the doctor's own key
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["rep", "due_on"], name="followup_rep_due_idx", condition=Q(done_at=None)),
            models.Index(fields=["doctor", "-due_on"], name="followup_doctor_due_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.due_on}"


class VisitAmendment(Governed):
    """A correction of a submitted visit: the visit is never unlocked, the correction stands beside it."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="amendments")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(_("Reason"), max_length=300)
    changes = models.JSONField()  # {field: [old, new]}
    note_sealed = models.BinaryField(null=True)

    class Meta:
        indexes = [models.Index(fields=["visit", "at"], name="visitamendment_visit_at_idx")]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="visitamendment_says_why")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.at}"
