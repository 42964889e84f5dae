"""Contact points as they are shown: masked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from doctors.choices import ContactKind
from doctors.models import ContactPoint
from pharmacrm.common.crypto import blind_index


@dataclass(frozen=True)
class ContactLine:
    """One contact point, masked."""

    id: UUID
    doctor_id: UUID
    kind: str
    masked: str
    is_preferred: bool
    verified_on: date | None

    @property
    def kind_label(self) -> str:
        return str(ContactKind(self.kind).label)


def contacts_of(doctor_ids: Iterable[UUID | str]) -> list[ContactLine]:
    """Return the live contact points of doctors, preferred ones first. Cost: one query."""
    rows = (
        ContactPoint.objects.filter(doctor_id__in=list(doctor_ids), is_active=True)
        .order_by("doctor_id", "-is_preferred", "kind", "pk")
        .values_list("pk", "doctor_id", "kind", "masked", "is_preferred", "verified_on")
    )
    return [ContactLine(*row) for row in rows]


def doctors_named_with_phone(
    name: str, phone_tail: str, *, hospital_id: UUID | None, among: Iterable[UUID]
) -> list[UUID]:
    """Return the doctors with exactly this name and the last four digits of a phone on file.

    Looks among the keys given and at the hospital's own doctors. Cost: one query; the tail is found by keyed hash.
    """
    if not name or len(phone_tail) != 4 or not phone_tail.isdigit():
        return []
    wanted = Q(doctor_id__in=list(among))
    if hospital_id is not None:
        wanted |= Q(doctor__hospital_id=hospital_id)
    points = ContactPoint.objects.filter(
        wanted,
        tail_index=blind_index(phone_tail, purpose="phone-tail"),
        is_active=True,
        doctor__identity__name=name,
        doctor__merged_into__isnull=True,
    )
    return sorted(set(points.values_list("doctor_id", flat=True)))
