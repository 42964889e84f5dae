"""Provinces, cities and counties by national code."""

from django.db import models
from django.db.models import Q

from doctors.choices import DivisionKind


class Division(models.Model):
    """One administrative division; a merged or renamed one stays and points to its successor. Source: GB/T 2260."""

    code = models.CharField(max_length=6, primary_key=True)
    name = models.CharField(max_length=60)
    full_name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=DivisionKind)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    is_current = models.BooleanField(default=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, related_name="predecessors")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9]{6}$"), name="division_code_has_six_digits"
            ),
        ]
        indexes = [models.Index(fields=["parent", "code"], name="division_parent_code_idx")]

    def __str__(self) -> str:
        return self.full_name
