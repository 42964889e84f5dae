"""Who stands near a doctor, within the reader's sight: department, society, medical consortium."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from doctors.models import AcademicPost, Doctor, Hospital
from doctors.selectors.tiers import label_of

DEPARTMENT, SOCIETY, CONSORTIUM = "department", "society", "consortium"
MOST = 6


@dataclass(frozen=True)
class Relation:
    """One doctor near another: how they stand together, and through what."""

    id: UUID
    name: str
    tier: str
    kind: str
    through: str

    @property
    def tier_label(self) -> str:
        return label_of(self.tier)

    @property
    def kind_label(self) -> str:
        return {
            DEPARTMENT: _("Same department"),
            SOCIETY: _("Same society"),
            CONSORTIUM: _("Same medical consortium"),
        }[self.kind]


def society_peers(in_sight: QuerySet[Any, Any], held: Q) -> QuerySet[AcademicPost]:
    """Return posts of others in the societies of the outer query's doctor, six at most; for a subquery."""
    own = AcademicPost.objects.filter(held, doctor=OuterRef(OuterRef("pk"))).values("organisation")
    return (
        AcademicPost.objects.filter(held, organisation__in=own, doctor__in=in_sight)
        .exclude(doctor=OuterRef("pk"))
        .order_by("organisation", "doctor_id")[:MOST]
    )


def consortium_partners(in_sight: QuerySet[Any, Any]) -> QuerySet[Doctor]:
    """Return doctors of the other hospitals of the outer doctor's consortium, six at most; for a subquery."""
    above, own = OuterRef(OuterRef("hospital__parent")), OuterRef(OuterRef("hospital"))
    hospitals = Hospital.objects.filter(Q(parent=above) | Q(pk=above) | Q(parent=own)).exclude(pk=own)
    return Doctor.objects.filter(hospital__in=hospitals.values("pk"), pk__in=in_sight).order_by(
        "-tier", "pk"
    )[:MOST]


def relations_read(rows: Iterable[Mapping[str, Any]], kind: str) -> tuple[Relation, ...]:
    """Return what a subquery listed as relations of one kind."""
    return tuple(
        Relation(UUID(one["id"]), one["name"] or one["code"], one["tier"], kind, one["through"] or "")
        for one in rows
    )
