"""Which impact assessments hold, and what rests on them."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from compliance.choices import AssessmentState
from compliance.models import ImpactAssessment


def assessments() -> QuerySet[ImpactAssessment]:
    """Return the register, newest number first."""
    return ImpactAssessment.objects.select_related("author", "approved_by", "file").order_by("-number")


def assessment_in_force(number: str, on: date) -> bool:
    """Return whether the register holds an approved assessment of this number whose review is not due. Cost: one query."""
    return ImpactAssessment.objects.filter(
        number=number.strip(), state=AssessmentState.APPROVED, review_on__gt=on
    ).exists()
