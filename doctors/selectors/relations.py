"""Who stands near a doctor, within the reader's sight: papers, department, society, medical consortium."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from doctors.models import AcademicPost, Authorship, Doctor, Hospital
from doctors.selectors.tiers import label_of

DEPARTMENT, SOCIETY, CONSORTIUM, COAUTHOR = "department", "society", "consortium", "coauthor"
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
            COAUTHOR: _("Wrote together"),
        }[self.kind]


def society_peers(in_sight: QuerySet[Any, Any], held: Q) -> QuerySet[AcademicPost]:
    """Return the posts of the outer query's doctor, each with `peers`, six others of that society at most.

    Asked for each post alone, so that the index of societies is read for six rows; asked at once, the database reads
    the societies of everybody in their order and looks among them for the doctor's.
    """
    peers = (
        AcademicPost.objects.filter(held, organisation=OuterRef("organisation"), doctor__in=in_sight)
        .exclude(doctor=OuterRef("doctor"))
        .order_by("doctor_id")
        .distinct("doctor_id")
        .values(
            peer=JSONObject(
                id="doctor_id", name="doctor__identity__name", code="doctor__code", tier="doctor__tier",
                through="organisation",
            )
        )[:MOST]
    )  # fmt: skip
    return AcademicPost.objects.filter(held, doctor=OuterRef("pk")).annotate(peers=ArraySubquery(peers))


def peers_read(posts: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return what `society_peers` listed, each doctor once in each society, six at most."""
    found = {(one["through"], one["id"]): one for post in posts for one in post["peers"]}
    return [found[key] for key in sorted(found)[:MOST]]


def consortium_partners(in_sight: QuerySet[Any, Any]) -> QuerySet[Doctor]:
    """Return doctors of the other hospitals of the outer doctor's consortium, six at most; for a subquery."""
    above, own = OuterRef(OuterRef("hospital__parent")), OuterRef(OuterRef("hospital"))
    hospitals = Hospital.objects.filter(Q(parent=above) | Q(pk=above) | Q(parent=own)).exclude(pk=own)
    return Doctor.objects.filter(hospital__in=hospitals.values("pk"), pk__in=in_sight).order_by(
        "-tier", "pk"
    )[:MOST]


def co_authors(in_sight: QuerySet[Any, Any], family: Sequence[UUID]) -> QuerySet[Authorship]:
    """Return authorships of others of a doctor's publications, newest paper first, six at most; for a subquery.

    Somebody who wrote several of them is named with the newest.
    """
    own = Authorship.objects.filter(doctor_id__in=family, ended_at=None).values("publication")
    beside = Authorship.objects.filter(
        publication__in=own, ended_at=None, publication__is_retracted=False
    ).order_by("-publication__published_on", "-pk")
    newest = beside.filter(doctor=OuterRef("doctor")).values("pk")[:1]
    return (
        beside.filter(pk=Subquery(newest), doctor__in=in_sight)  # of these papers alone, not of all there are
        .exclude(doctor_id__in=family)
        .order_by("-publication__published_on", "pk")[:MOST]
    )


def relations_read(rows: Iterable[Mapping[str, Any]], kind: str) -> tuple[Relation, ...]:
    """Return what a subquery listed as relations of one kind."""
    return tuple(
        Relation(UUID(one["id"]), one["name"] or one["code"], one["tier"], kind, one["through"] or "")
        for one in rows
    )
