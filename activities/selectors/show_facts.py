"""What showing one material to one doctor is judged by."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from activities.models import Visit, VisitMaterial
from activities.selectors import visit_facts
from compliance.selectors import standing_of
from content import selectors as content
from content.facts import ShowFacts
from doctors import selectors as doctors

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


def may_meet(user: User, doctor_id: UUID, at: datetime) -> bool:
    """Return whether the doctor is within the person's sight today."""
    return doctors.can_see(user, doctor_id, timezone.localtime(at).date())


def own_visit_id(visit_id: UUID | None, *, by: User) -> UUID | None:
    """Return the key if it is a visit of the person's own, else None."""
    return (
        Visit.objects.filter(pk=visit_id, rep=by).values_list("pk", flat=True).first() if visit_id else None
    )


def facts_of_showing_alone(version_id: UUID, *, by: User, at: datetime) -> ShowFacts:
    """Return the facts of showing a material to nobody yet; the phone adds the doctor."""
    found = content.show_facts(version_id, content.AudienceFacts(), at)
    return _with_standing(found, by=by, at=at)


def facts_of_showing(
    version_id: UUID, doctor_id: UUID, *, by: User, at: datetime, channel: str = "face_to_face"
) -> ShowFacts:
    """Return the facts of `material.show`: content tells of the material, this adds doctor and representative."""
    audience = visit_facts.audience_of(doctor_id, channel=channel)
    found = content.show_facts(version_id, audience, at)
    found = _with_standing(found, by=by, at=at)
    return replace(found, subjects=(*found.subjects, f"doctor:{doctor_id}"))


def _with_standing(found: ShowFacts, *, by: User, at: datetime) -> ShowFacts:
    standing = standing_of(by.pk, "material.show", found.product_codes, at)
    return replace(
        found,
        viewer_verified=True,  # a doctor of the master, met in person or called
        shown_by_rep=True,
        rep_employed=standing.employed,
        rep_filed=standing.filed,
        products_outside_filing=standing.products_outside_filing,
        training_missing=standing.training_missing,
    )


def own_showing(showing_id: UUID, *, by: User) -> VisitMaterial | None:
    """Return a showing of the person's own, with its version, or None. Cost: one query."""
    return VisitMaterial.objects.select_related("version__material").filter(pk=showing_id, rep=by).first()
