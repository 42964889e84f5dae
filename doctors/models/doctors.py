"""Doctors, and the one room their names live in."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from doctors.choices import DoctorStatus, HospitalLevel, Post, Tier, Title
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import Governed, TimeStamped

from .hospitals import Department, Hospital

USER = settings.AUTH_USER_MODEL


class Doctor(Governed):
    """A doctor by key. Who that is stands in `DoctorIdentity`; this row and its history name nobody.

    Hospital, department, level and division are those of the primary affiliation, repeated for lists.
    """

    code = models.CharField(max_length=32, unique=True)
    title = models.CharField(max_length=32, choices=Title, default=Title.UNKNOWN)
    post = models.CharField(max_length=20, choices=Post, default=Post.NONE)
    specialty = models.CharField(max_length=80, blank=True, default="")
    status = models.CharField(max_length=12, choices=DoctorStatus, default=DoctorStatus.ACTIVE)
    tier = models.CharField(max_length=10, choices=Tier, blank=True, default="")
    hospital = models.ForeignKey(Hospital, models.PROTECT, null=True, related_name="doctors")
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="doctors")
    department_name = models.CharField(max_length=60, blank=True, default="")
    hospital_level = models.CharField(max_length=10, choices=HospitalLevel, default=HospitalLevel.UNKNOWN)
    division_code = models.CharField(max_length=6, blank=True, default="")
    profiling_refused = models.BooleanField(default=False)
    verify_by = models.DateField(null=True, blank=True)  # first day on which an unverified record lapses
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(merged_into=F("id")), name="doctor_is_not_merged_into_itself"
            ),
            models.CheckConstraint(
                condition=~Q(profiling_refused=True) | Q(tier=""),
                name="doctor_who_refused_profiling_has_no_tier",
            ),
        ]
        indexes = [
            models.Index(fields=["tier", "id"], name="doctor_tier_idx", condition=Q(merged_into=None)),
            models.Index(fields=["hospital", "id"], name="doctor_hospital_idx"),
            models.Index(fields=["department", "id"], name="doctor_department_idx"),
            models.Index(fields=["specialty", "id"], name="doctor_specialty_idx"),
            models.Index(fields=["hospital_level", "id"], name="doctor_hospital_level_idx"),
            models.Index(fields=["division_code", "id"], name="doctor_division_code_idx"),
            models.Index(
                fields=["merged_into"], name="doctor_merged_idx", condition=Q(merged_into__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.code


class DoctorIdentity(TimeStamped):
    """Name of a doctor and the keys to find it by. Erasing a person destroys this row and its key.

    No plain-text history: past names are kept encrypted in `DoctorIdentityVersion`. Source: PIPL 47, 51.
    """

    doctor = models.OneToOneField(Doctor, models.PROTECT, primary_key=True, related_name="identity")
    name = models.CharField(max_length=80)
    sort_key = models.CharField(max_length=160)  # syllables of the usual reading, for order
    readings = ArrayField(models.CharField(max_length=160), default=list)  # every reading, syllables apart
    keys = ArrayField(models.CharField(max_length=24), default=list)  # one- and two-character grams, initials
    wrapped_key = models.BinaryField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="doctoridentity_has_a_name")]
        indexes = [
            models.Index(fields=["sort_key", "doctor"], name="doctoridentity_sort_key_idx"),
            models.Index(fields=["doctor"], include=["sort_key", "name"], name="doctoridentity_names_idx"),
        ]

    def __str__(self) -> str:
        return self.name


class DoctorIdentityVersion(models.Model):
    """A name a doctor had before, readable only while the person's key exists."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="identity_versions")
    sealed = models.BinaryField()
    replaced_at = models.DateTimeField()
    replaced_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["doctor", "-replaced_at"], name="doctoridentityversion_idx")]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.replaced_at:%Y-%m-%d}"
