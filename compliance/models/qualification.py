"""What a person may do: employment, filing, registration, training, commitment."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from compliance.choices import ContractKind
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


def ends_after_it_starts(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
        name=f"{name}_ends_after_it_starts",
    )


class Employment(Governed):
    """A contract with the company, or through a contractor, from a day until before another."""

    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=ContractKind, default=ContractKind.EMPLOYMENT)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    degree_proven = models.BooleanField(default=False)
    bribery_checked_on = models.DateField(null=True, blank=True)
    bribery_found = models.BooleanField(default=False)
    bribery_due_on = models.DateField(null=True, blank=True)  # last day on which the next check is in time
    changed_on = models.DateField(null=True, blank=True)  # day of a change of filed data not yet filed
    changed_what = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [ends_after_it_starts("employment")]
        indexes = [models.Index(fields=["user", "valid_from"], name="employment_user_from_idx")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"


class RepFiling(Governed):
    """A 备案 of a representative with its public fields. The identity number stands only as ciphertext.

    Source: 医药代表备案管理办法(试行) 2020, filing record, kept under 医药代表管理办法 (2026).
    """

    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)
    mah_name = models.CharField(max_length=120)
    mah_code = models.CharField(max_length=18)
    name = models.CharField(max_length=80)
    sex = models.CharField(max_length=8, blank=True, default="")
    photo_sha256 = models.CharField(max_length=64, blank=True, default="")
    identity_kind = models.CharField(max_length=20, blank=True, default="")
    identity_sealed = models.BinaryField(null=True, blank=True)
    major = models.CharField(max_length=60, blank=True, default="")
    degree = models.CharField(max_length=40, blank=True, default="")
    therapeutic_area = models.CharField(max_length=120, blank=True, default="")
    drug_category = models.CharField(max_length=80, blank=True, default="")
    contract_from = models.DateField(null=True, blank=True)
    contract_until = models.DateField(null=True, blank=True)  # last day but one; None: without end
    is_overseas_mah = models.BooleanField(default=False)
    domestic_name = models.CharField(
        max_length=120, blank=True, default=""
    )  # who acts here for a holder abroad
    domestic_code = models.CharField(max_length=18, blank=True, default="")
    photo = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")
    evidence = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")
    withdrawal_proof = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")
    truth_stated = models.BooleanField(default=False)
    evidence_sha256 = models.CharField(max_length=64, blank=True, default="")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    filed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    entered_by = ArrayField(
        models.UUIDField(), default=list, blank=True
    )  # all who entered what nobody checked yet
    checked_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")  # of what stands now
    checked_at = models.DateTimeField(null=True)
    withdrawn_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            ends_after_it_starts("repfiling"),
            models.UniqueConstraint(fields=["number"], name="repfiling_number_is_unique"),
            models.CheckConstraint(condition=~Q(number=""), name="repfiling_has_a_number"),
            models.CheckConstraint(condition=~Q(checked_by=F("filed_by")), name="repfiling_two_people"),
        ]
        indexes = [models.Index(fields=["user", "valid_from"], name="repfiling_user_from_idx")]

    def __str__(self) -> str:
        return self.number


class FiledProduct(Governed):
    """A product within a filing's scope."""

    filing = models.ForeignKey(RepFiling, models.PROTECT, related_name="products")
    product_code = models.CharField(max_length=40)
    is_assigned = models.BooleanField(default=True)  # False: filed, but the company gave it to a colleague
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            ends_after_it_starts("filedproduct"),
            models.UniqueConstraint(
                fields=["filing", "product_code", "valid_from"], name="filedproduct_once_from_a_day"
            ),
        ]

    def __str__(self) -> str:
        return self.product_code


class HospitalRegistration(Governed):
    """A representative known to one hospital, by the hospital's subject string."""

    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    hospital = models.CharField(max_length=80)
    number = models.CharField(max_length=60, blank=True, default="")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    evidence = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [ends_after_it_starts("hospitalregistration")]
        indexes = [models.Index(fields=["user", "hospital"], name="hospitalreg_user_hospital_idx")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.hospital}"


class Course(Governed):
    """Training with an examination; passing gives a certificate for some months."""

    code = models.CharField(max_length=40, unique=True)
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    months_valid = models.PositiveSmallIntegerField(default=12)
    pass_mark = models.PositiveSmallIntegerField(default=80)
    is_retired = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.code


class CourseAssignment(Governed):
    """Who needs a course: people of a role, in all teams or one, for all products or one, at all points or some, from a day."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=16)
    product_code = models.CharField(max_length=40, blank=True, default="")
    team = models.CharField(
        max_length=80, blank=True, default=""
    )  # subject of a territory; its branch is meant
    points = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            ends_after_it_starts("courseassignment"),
            models.UniqueConstraint(
                fields=["course", "role", "product_code", "team", "valid_from"],
                name="courseassignment_once_from_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course_id} {self.role}"


class Certificate(Governed):
    """A passed examination, from the day it was passed until before another.

    `renew_by` is the last day on which it still counts after the course, a rule of it or the label changed. One that
    was revoked counts no longer from that moment.
    """

    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, models.PROTECT, related_name="+")
    version = models.ForeignKey("compliance.CourseVersion", models.PROTECT, null=True, related_name="+")
    attempt = models.OneToOneField(
        "compliance.QuizAttempt", models.PROTECT, null=True, related_name="certificate"
    )
    number = models.CharField(max_length=40, blank=True, default="")
    score = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    valid_until = models.DateField()
    renew_by = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    revoked_for = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            ends_after_it_starts("certificate"),
            models.UniqueConstraint(
                fields=["user", "course", "valid_from"],
                condition=Q(revoked_at__isnull=True, attempt__isnull=True),
                name="certificate_once_from_a_day",
            ),
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="certificate_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | ~Q(revoked_for=""), name="certificate_revoked_says_why"
            ),
        ]
        indexes = [models.Index(fields=["user", "valid_until"], name="certificate_user_until_idx")]

    def __str__(self) -> str:
        return self.number or f"{self.user_id} {self.course_id}"


class Commitment(Governed):
    """A signed letter of commitment to lawful promotion, by the hash of its text.

    `renew_by` is the last day on which it still counts after the text changed.
    """

    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    text = models.ForeignKey("compliance.LetterText", models.PROTECT, null=True, related_name="+")
    signature = models.ForeignKey("compliance.Signature", models.PROTECT, null=True, related_name="+")
    text_sha256 = models.CharField(max_length=64)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    renew_by = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [ends_after_it_starts("commitment")]
        indexes = [models.Index(fields=["user", "valid_from"], name="commitment_user_from_idx")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.valid_from}"
