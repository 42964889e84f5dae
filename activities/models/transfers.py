"""Transfers of value as they were reported: who gave what to whom, when, and of what nature."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from activities.choices import TransferCategory, TransferSource
from activities.rules import in_currency
from pharmacrm.common.models import Governed


class TransferOfValue(Governed):
    """One reported transfer to a doctor, in whole hundredths of its currency; kept once by source and record number."""

    doctor = models.ForeignKey("doctors.Doctor", models.PROTECT, related_name="+")
    source = models.CharField(max_length=40, choices=TransferSource)
    record_number = models.CharField(max_length=40)
    category = models.CharField(max_length=12, choices=TransferCategory)
    payer = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()  # fen or cents
    currency = models.CharField(max_length=3)
    paid_on = models.DateField()
    nature = models.CharField(max_length=200, blank=True, default="")
    form = models.CharField(max_length=120, blank=True, default="")
    product = models.CharField(max_length=200, blank=True, default="")
    study = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "record_number"], name="transferofvalue_is_kept_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="transferofvalue_is_not_negative"),
            models.CheckConstraint(condition=~Q(payer=""), name="transferofvalue_names_its_payer"),
        ]
        indexes = [
            models.Index(fields=["doctor", "paid_on"], name="transferofvalue_doctor_idx"),
            models.Index(fields=["-paid_on", "-id"], name="transferofvalue_day_idx"),
            models.Index(fields=["source", "-paid_on", "-id"], name="transferofvalue_source_idx"),
            models.Index(fields=["category", "-paid_on", "-id"], name="transferofvalue_category_idx"),
            GinIndex(OpClass(Upper("payer"), name="gin_trgm_ops"), name="transferofvalue_payer_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.record_number}"

    @property
    def amount(self) -> str:
        """The amount in its currency, with two decimals and thousands separators."""
        return in_currency(self.amount_minor, self.currency)
