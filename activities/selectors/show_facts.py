"""What showing one material to one doctor is judged by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from activities.choices import Channel, VisitState
from activities.models import Visit, VisitMaterial
from activities.selectors import field_day, hospital_doors, visit_facts
from compliance.selectors import standing_of
from content import selectors as content
from content.facts import ShowFacts
from doctors import selectors as doctors

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


CHANNEL_OF_SHOWING = {
    "video": "online",
    "remote": "online",
    "event": "event",
    "email": "email",
    "wecom": "wecom",
}


def may_meet(user: User, doctor_id: UUID, at: datetime) -> bool:
    """Return whether the doctor is within the person's sight today."""
    return doctors.can_see(user, doctor_id, timezone.localtime(at).date())


def visit_of_showing(visit_id: UUID | None, doctor_id: UUID, *, by: User, at: datetime) -> Visit | None:
    """Return the person's own visit in which a material is shown: the one named, else today's open one, or None."""
    if visit_id is not None:
        named = Visit.objects.filter(pk=visit_id, rep=by).exclude(state=VisitState.CANCELLED).first()
        if named is not None:
            return named
    return field_day.planned_visit_with(by, doctor_id, at=at)


def are_versions(version_ids: Iterable[UUID]) -> bool:
    """Return whether every key is a version of a material, in whatever state. Cost: one query."""
    wanted = set(version_ids)
    return not wanted or content.count_versions(wanted) == len(wanted)


def facts_of_showing_alone(version_id: UUID, *, by: User, at: datetime) -> ShowFacts:
    """Return the facts of showing a material to nobody yet; the phone adds the doctor."""
    found = content.show_facts(version_id, content.AudienceFacts(), at)
    return _with_standing(found, by=by, at=at)


def facts_of_showing(
    version_id: UUID,
    doctor_id: UUID,
    *,
    by: User,
    at: datetime,
    channel: str = "",
    visit: Visit | None = None,
) -> ShowFacts:
    """Return the facts of `material.show`: content tells of the material, this adds doctor, hospital and representative.

    The hospital is the visit's, and so is the channel where none is named; without a visit, the doctor's own
    hospital, face to face.
    """
    channel = channel or (visit.channel if visit else Channel.FACE_TO_FACE)
    card = doctors.doctor_card(doctor_id)
    audience = visit_facts.audience_of_card(card, channel=channel)
    found = content.show_facts(version_id, audience, at)
    found = _with_standing(found, by=by, at=at)
    hospital_id = visit.hospital_id if visit else card.hospital_id if card else None
    day = timezone.localtime(at).date()
    of_visit = (f"hospital:{hospital_id}",) if hospital_id else ()
    subjects = tuple(dict.fromkeys([*found.subjects, *doctors.subjects_of_doctor(doctor_id, day), *of_visit]))
    stopped = doctors.stopped_among(
        [doctor_id], channel=CHANNEL_OF_SHOWING.get(channel, "visit"), at=at, products=found.product_codes
    )
    found = replace(found, viewer_stopped=bool(stopped))
    if channel != Channel.FACE_TO_FACE or hospital_id is None:
        return replace(found, subjects=subjects)
    is_required = hospital_doors.requires_booking(hospital_id, day)
    return replace(
        found,
        booking_required=is_required,
        booking_accepted=is_required and _is_booked(hospital_id, visit, by=by, at=at),
        subjects=subjects,
    )


def _is_booked(hospital_id: UUID, visit: Visit | None, *, by: User, at: datetime) -> bool:
    """Whether the hospital accepted a booking for this moment, or for the beginning of the visit under way."""
    if hospital_doors.accepted_booking(hospital_id, by, at) is not None:
        return True
    began = visit.started_at if visit and visit.state == VisitState.STARTED else None
    if began is None or timezone.localtime(began).date() != timezone.localtime(at).date():
        return False
    return hospital_doors.accepted_booking(hospital_id, by, began) is not None


def bookings_for_phone(user: User, *, at: datetime) -> dict:
    """Return what a phone needs to tell whether a hospital waits for a booking: the hospitals, the times given.

    Cost: four queries.
    """
    day = timezone.localtime(at).date()
    visits = field_day.visits_on(user, day)
    return {
        "required": [str(pk) for pk in hospital_doors.hospitals_requiring_booking(day)],
        "accepted": [
            {
                "hospital": str(window.hospital_id),
                "from": window.begins.isoformat(),
                "until": window.ends.isoformat(),
            }
            for window in hospital_doors.accepted_windows(
                user,
                at,
                began=[
                    (row.hospital_id, row.started_at) for row in visits if row.state == VisitState.STARTED
                ],
            )
        ],
        "places": {
            str(row.doctor_id): {
                "hospital": str(row.hospital_id),
                "at_hospital": row.channel == Channel.FACE_TO_FACE,
            }
            for row in visits
            if row.state in (VisitState.PLANNED, VisitState.STARTED, VisitState.SAVED)
        },
    }


def _with_standing(found: ShowFacts, *, by: User, at: datetime) -> ShowFacts:
    standing = standing_of(by.pk, "material.show", found.product_codes, at)
    return replace(
        found,
        viewer_verified=True,  # a doctor of the master, met in person or called
        shown_by_rep=True,
        rep_employed=standing.employed,
        rep_filed=standing.filed,
        products_outside_filing=standing.products_outside_filing,
        products_outside_scope=standing.products_outside_scope,
        training_missing=standing.training_missing,
    )


def own_showing(showing_id: UUID, *, by: User) -> VisitMaterial | None:
    """Return a showing of the person's own, with its version, or None. Cost: one query."""
    return VisitMaterial.objects.select_related("version__material").filter(pk=showing_id, rep=by).first()
