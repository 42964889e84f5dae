"""Products and their labels (说明书)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from content.choices import ControlledClass, LabelSectionKind, LabelStatus, LifeCycleStage
from pharmacrm.common.models import Governed


class Product(Governed):
    """A medicine as approved; everything said about it rests on its label in force."""

    code = models.CharField(max_length=32, unique=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True, default="")
    generic_name = models.CharField(max_length=160)
    brand = models.CharField(max_length=120, blank=True, default="")
    approval_number = models.CharField(max_length=40, blank=True, default="")
    holder = models.CharField(max_length=160, help_text="Marketing authorisation holder (MAH).")
    holder_address = models.CharField(max_length=240, blank=True, default="")
    is_prescription = models.BooleanField(default=True)
    controlled_class = models.CharField(max_length=16, choices=ControlledClass, default=ControlledClass.NONE)
    stage = models.CharField(max_length=24, choices=LifeCycleStage, default=LifeCycleStage.LAUNCH)
    registration_ended_on = models.DateField(
        null=True,
        blank=True,
        help_text="From this day what was reported about it is kept ten years more (PV-16).",
    )

    class Meta:
        indexes = [models.Index(fields=["stage", "code"], name="product_stage_code_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(approval_number="")
                | Q(approval_number__regex=r"^国药准字[HZSJBTF][A-Z]?[0-9]{8}$"),
                name="product_approval_number_is_well_formed",
            ),
            models.CheckConstraint(
                condition=Q(stage=LifeCycleStage.PRE_LAUNCH) | ~Q(approval_number=""),
                name="product_on_the_market_is_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brand or self.name_zh}（{self.generic_name}）"


class Label(Governed):
    """One version of a product's label. At most one is in force."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="labels")
    version = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=12, choices=LabelStatus, default=LabelStatus.DRAFT)
    revised_on = models.DateField()
    effective_on = models.DateField(null=True)
    superseded_on = models.DateField(null=True)  # first day on which it no longer holds
    source_note = models.CharField(max_length=240, blank=True, default="")
    stored = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "version"], name="label_version_is_unique"),
            models.UniqueConstraint(
                fields=["product"], condition=Q(status="effective"), name="label_in_force_is_one_for_product"
            ),
            models.CheckConstraint(
                condition=Q(status=LabelStatus.DRAFT) | Q(effective_on__isnull=False),
                name="label_in_force_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product.code} v{self.version}"


class LabelSection(Governed):
    """One section of a label, as approved."""

    label = models.ForeignKey(Label, models.PROTECT, related_name="sections")
    kind = models.CharField(max_length=20, choices=LabelSectionKind)
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["label", "kind"], name="labelsection_kind_is_unique_for_label"),
            models.CheckConstraint(condition=~Q(text=""), name="labelsection_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.label_id}"
