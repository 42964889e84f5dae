"""Transfers of value as they were reported: who gave what to whom, when, and of what nature."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from activities.choices import TransferCategory
from pharmacrm.common.models import Governed


class TransferOfValue(Governed):
    """One reported transfer to a doctor, in whole hundredths of its currency; kept once by source and record number."""

    doctor = models.ForeignKey("doctors.Doctor", models.PROTECT, related_name="+")
    source = models.CharField(max_length=40)
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
        indexes = [models.Index(fields=["doctor", "paid_on"], name="transferofvalue_doctor_idx")]

    def __str__(self) -> str:
        return f"{self.source} {self.record_number}"
