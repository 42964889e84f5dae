"""Materials, their versions, and the bytes a version stands for."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from content.choices import MaterialKind, MaterialStatus, Purpose
from pharmacrm.common.models import Governed

from .claims import Claim
from .products import Label, Product

USER = settings.AUTH_USER_MODEL


def _words() -> ArrayField:
    return ArrayField(models.CharField(max_length=60), default=list, blank=True)


class Material(Governed):
    """An item for a described audience. An empty audience list leaves that side open."""

    code = models.CharField(max_length=32, unique=True)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True, default="")
    kind = models.CharField(max_length=24, choices=MaterialKind)
    purpose = models.CharField(max_length=16, choices=Purpose, default=Purpose.ACADEMIC)
    tiers = _words()
    roles = _words()
    departments = _words()
    hospital_levels = _words()
    channels = _words()
    topics = _words()
    owner = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["kind", "-id"], name="material_kind_idx")]

    def __str__(self) -> str:
        return f"{self.code} {self.title_zh}"


class MaterialProduct(Governed):
    """A product a material speaks about."""

    material = models.ForeignKey(Material, models.PROTECT, related_name="product_uses")
    product = models.ForeignKey(Product, models.PROTECT, related_name="material_uses")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["material", "product"], name="materialproduct_is_said_once")
        ]

    def __str__(self) -> str:
        return f"{self.material_id} {self.product_id}"


class MaterialVersion(Governed):
    """One version of a material; a new version is a new row."""

    material = models.ForeignKey(Material, models.PROTECT, related_name="versions")
    version = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=20, choices=MaterialStatus, default=MaterialStatus.DRAFT)
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    produced_on = models.DateField(null=True)
    note = models.TextField(blank=True, default="")
    ad_approval_number = models.CharField(max_length=60, blank=True, default="")
    submitted_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    approval_number = models.CharField(max_length=40, blank=True, default="")
    expires_on = models.DateField(null=True)  # first day on which it may not be shown
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["status", "-id"], name="materialversion_status_idx"),
            models.Index(fields=["status", "expires_on"], name="materialversion_expiry_idx"),
            models.Index(fields=["author", "-id"], name="materialversion_author_idx"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["material", "version"], name="materialversion_number_is_unique"),
            models.UniqueConstraint(
                fields=["material"], condition=Q(status="released"), name="materialversion_released_is_one"
            ),
            models.UniqueConstraint(
                fields=["approval_number"],
                condition=~Q(approval_number=""),
                name="materialversion_approval_number_is_unique",
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("author")),
                name="materialversion_author_does_not_release",
            ),
            models.CheckConstraint(
                condition=~Q(status=MaterialStatus.RELEASED)
                | (
                    Q(
                        approved_at__isnull=False,
                        released_by__isnull=False,
                        released_at__isnull=False,
                        expires_on__isnull=False,
                    )
                    & ~Q(approval_number="")
                ),
                name="materialversion_released_is_signed",
            ),
            models.CheckConstraint(
                condition=~Q(status=MaterialStatus.APPROVED) | Q(approved_at__isnull=False),
                name="materialversion_approved_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.material.code} v{self.version}"


class MaterialFile(Governed):
    """The bytes of a version, pinned by their hash. A new file takes the place of the last one."""

    version = models.ForeignKey(MaterialVersion, models.PROTECT, related_name="files")
    stored = models.ForeignKey("common.StoredFile", models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField()
    is_current = models.BooleanField(default=True)
    attached_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    attached_at = models.DateTimeField()
    prechecked_at = models.DateTimeField(null=True)
    precheck_edition = models.CharField(max_length=24, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=Q(is_current=True), name="materialfile_current_is_one"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="materialfile_sha256_is_hex"
            ),
            models.CheckConstraint(condition=Q(pages__gt=0), name="materialfile_has_pages"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.sha256[:12]}"


class MaterialPage(Governed):
    """The words of one page and where its paragraphs stand (0–1 of the page), as read from the bytes."""

    file = models.ForeignKey(MaterialFile, models.PROTECT, related_name="page_rows")
    number = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True, default="")
    blocks = models.JSONField(default=list)
    width = models.FloatField()
    height = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="materialpage_number_is_unique")
        ]

    def __str__(self) -> str:
        return f"{self.file_id} {self.number}"


class LabelUse(Governed):
    """The label version a material version was written and reviewed against."""

    version = models.ForeignKey(MaterialVersion, models.PROTECT, related_name="label_uses")
    label = models.ForeignKey(Label, models.PROTECT, related_name="uses")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "label"], name="labeluse_is_said_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.label_id}"


class ClaimUse(Governed):
    """A claim a material version makes, and on which page."""

    version = models.ForeignKey(MaterialVersion, models.PROTECT, related_name="claim_uses")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="uses")
    page = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "claim"], name="claimuse_is_said_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.claim_id}"
