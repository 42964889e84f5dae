"""The stream of contacts with a doctor."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from doctors.models import Interaction


def interactions_of(doctor_id: UUID | str) -> QuerySet[Interaction]:
    """Return a doctor's contacts, newest first; the caller slices. The caller has checked who may see them."""
    return Interaction.objects.filter(doctor_id=doctor_id).order_by("-at", "-pk")
