"""The hospital's own door: when, where and by whom representatives are received (三定两有, MR-16), and its consent."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from activities.choices import BookingChannel, BookingState, Place, Weekday
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class HospitalPolicy(Governed):
    """How one hospital receives representatives, from a day until before another."""

    hospital = models.ForeignKey("doctors.Hospital", models.PROTECT, related_name="+")
    valid_from = models.DateField(_("Valid from"))
    valid_until = models.DateField(_("Valid until, not including"), null=True, blank=True)
    booking_required = models.BooleanField(_("Booking required"), default=False)
    registers_reps = models.BooleanField(_("Only registered representatives"), default=False)
    booking_channel = models.CharField(
        _("How to book"), max_length=12, choices=BookingChannel, blank=True, default=""
    )
    lead_days = models.PositiveSmallIntegerField(_("Days ahead"), default=0)
    place = models.CharField(_("Place"), max_length=120, blank=True, default="")
    receivers = models.CharField(_("Received by"), max_length=200, blank=True, default="")
    materials_upfront = models.BooleanField(_("Materials are sent beforehand"), default=False)
    restricted_areas = ArrayField(
        models.CharField(max_length=16, choices=Place),
        verbose_name=_("Areas without representatives"),
        default=list,
        blank=True,
    )
    source = models.CharField(_("Where this is published"), max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hospital"], condition=Q(valid_until__isnull=True), name="hospitalpolicy_one_is_open"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="hospitalpolicy_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hospital_id} {self.valid_from}"


class ReceptionSlot(Governed):
    """A weekly time at which the hospital receives."""

    policy = models.ForeignKey(HospitalPolicy, models.CASCADE, related_name="slots")
    weekday = models.PositiveSmallIntegerField(_("Weekday"), choices=Weekday)
    starts = models.TimeField(_("From"))
    ends = models.TimeField(_("To"))
    place = models.CharField(_("Place"), max_length=120, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")), name="receptionslot_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(weekday__gte=1) & Q(weekday__lte=7), name="receptionslot_weekday_is_iso"
            ),
            models.UniqueConstraint(
                fields=["policy", "weekday", "starts"], name="receptionslot_starts_once_a_weekday"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts}"


class InstitutionConsent(Governed):
    """The institution's registered agreement to academic promotion in its house (MR-09)."""

    hospital = models.ForeignKey("doctors.Hospital", models.PROTECT, related_name="+")
    department_in_charge = models.CharField(_("Department in charge"), max_length=80)
    registration_number = models.CharField(_("Registration number"), max_length=60)
    valid_from = models.DateField(_("Valid from"))
    valid_until = models.DateField(_("Valid until, not including"))
    product_codes = ArrayField(
        models.CharField(max_length=40), verbose_name=_("Products; empty means all"), default=list, blank=True
    )
    evidence = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")
    registered_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["hospital", "valid_until"], name="institutionconsent_until_idx")]
        constraints = [
            models.UniqueConstraint(
                fields=["hospital", "registration_number"], name="institutionconsent_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="institutionconsent_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.registration_number


class Booking(Governed):
    """A time the hospital gave a representative, or was asked for."""

    hospital = models.ForeignKey("doctors.Hospital", models.PROTECT, related_name="+")
    department = models.ForeignKey("doctors.Department", models.PROTECT, null=True, related_name="+")
    rep = models.ForeignKey(USER, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=BookingState, default=BookingState.REQUESTED)
    channel = models.CharField(max_length=12, choices=BookingChannel, blank=True, default="")
    reference = models.CharField(_("The hospital's reference"), max_length=60, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["rep", "starts_at"], name="booking_rep_starts_idx"),
            models.Index(fields=["hospital", "starts_at"], name="booking_hospital_starts_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="booking_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=["rep", "hospital", "starts_at"],
                condition=~Q(state=BookingState.CANCELLED),
                name="booking_is_asked_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hospital_id} {self.starts_at}"
