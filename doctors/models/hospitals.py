"""Hospitals, their other names, and the departments doctors work in."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from doctors.choices import AliasKind, HospitalLevel, HospitalStatus, HospitalType, Ownership
from pharmacrm.common.models import Governed

from .divisions import Division


class Hospital(Governed):
    """A medical institution. `parent` is the leading hospital of its consortium 医联体 or its main campus."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    level = models.CharField(max_length=10, choices=HospitalLevel, default=HospitalLevel.UNKNOWN)
    level_as_given = models.CharField(max_length=60, blank=True, default="")
    kind = models.CharField(max_length=16, choices=HospitalType, default=HospitalType.GENERAL)
    ownership = models.CharField(max_length=10, choices=Ownership, default=Ownership.UNKNOWN)
    status = models.CharField(max_length=10, choices=HospitalStatus, default=HospitalStatus.ACTIVE)
    beds = models.PositiveIntegerField(null=True)
    outpatient_volume = models.PositiveIntegerField(null=True)  # visits a year, as published by the hospital
    division = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")
    address = models.CharField(max_length=200, blank=True, default="")
    phone = models.CharField(max_length=60, blank=True, default="")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="members")
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)  # WGS 84
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="hospital_has_a_name"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="hospital_is_not_its_own_parent"),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__range=(-180, 180), latitude__range=(-90, 90)),
                name="hospital_stands_on_earth",
            ),
        ]
        indexes = [
            models.Index(fields=["name"], name="hospital_name_idx"),
            models.Index(fields=["division", "level"], name="hospital_division_level_idx"),
        ]

    def __str__(self) -> str:
        return self.name


class HospitalAlias(Governed):
    """Another name people use for a hospital: short, former, of a campus."""

    hospital = models.ForeignKey(Hospital, models.PROTECT, related_name="aliases")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=AliasKind, default=AliasKind.OTHER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hospital", "name"], name="hospitalalias_is_said_once"),
            models.CheckConstraint(condition=~Q(name=""), name="hospitalalias_has_a_name"),
        ]
        indexes = [models.Index(fields=["name"], name="hospitalalias_name_idx")]

    def __str__(self) -> str:
        return self.name


class Department(Governed):
    """A clinical department of the national list, with everyday names. Source: 医疗机构诊疗科目名录 (1994, as amended)."""

    code = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    aliases = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(parent=F("id")), name="department_is_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name
