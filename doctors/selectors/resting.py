"""What of this app rests on an impact assessment of the register."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from compliance.subjects import Resting, parts_of
from doctors.models import SegmentationModel


def models_on_assessment(subject: str, at: datetime) -> Iterable[Resting]:
    """Return the scoring models that carry an assessment's number; the subject is `assessment:<number>`."""
    kind, number = parts_of(subject)
    if kind != "assessment" or not number:
        return []
    keys = list(SegmentationModel.objects.filter(impact_assessment=number).values_list("pk", flat=True))
    return (
        [Resting("segmentation_model", len(keys), tuple(f"segmentation_model:{key}" for key in keys))]
        if keys
        else []
    )
