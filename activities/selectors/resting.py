"""What of field work stops when something it rests on is held."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localtime

from activities.choices import EventState, VisitState
from activities.models import Event, Visit
from compliance.subjects import Resting, is_key, parts_of
from content import selectors as content
from doctors import selectors as doctors

SHOWN = 200
OPEN_VISITS = (VisitState.PLANNED, VisitState.STARTED)
OPEN_EVENTS = (
    EventState.DRAFT,
    EventState.REQUESTED,
    EventState.APPROVED,
    EventState.RUNNING,
    EventState.PROOF,
)


def resting_on(subject: str, at: datetime) -> Iterable[Resting]:
    """Return the visits to come and the open events that rest on a subject. Cost: at most four queries."""
    kind, key = parts_of(subject)
    visits, events = _visits(kind, key, at), _events(kind, key)
    if visits is not None:
        yield _line("visit", Visit.objects.filter(visits, state__in=OPEN_VISITS))
    if events is not None:
        yield _line("event", Event.objects.filter(events, state__in=OPEN_EVENTS))


def _line(kind: str, rows: QuerySet[Visit] | QuerySet[Event]) -> Resting:
    count = rows.count()
    keys = rows.order_by("pk").values_list("pk", flat=True)[:SHOWN] if count else ()
    return Resting(kind, count, tuple(f"{kind}:{pk}" for pk in keys))


def _visits(kind: str, key: str, at: datetime) -> Q | None:
    if kind == "product":
        return Q(pk__in=Visit.objects.filter(products__product_id=key).values("pk")) if is_key(key) else None
    if not is_key(key):
        return None
    if kind == "doctor":
        joined = Visit.objects.filter(attendees__doctor_id=key).values("pk")
        return Q(doctor_id=key) | Q(pk__in=joined)
    if kind == "territory":
        return Q(doctor_id__in=doctors.doctors_in_territories([UUID(key)], localtime(at).date()).values("pk"))
    return {"user": Q(rep_id=key), "hospital": Q(hospital_id=key), "visit": Q(pk=key)}.get(kind)


def _events(kind: str, key: str) -> Q | None:
    if kind == "product":
        return None if is_key(key) else Q(products__contains=[key])
    if not is_key(key):
        return None
    if kind in {"material", "claim", "label", "reference"}:
        versions = content.materials_rest_on(f"{kind}:{key}").values("pk")
        return Q(pk__in=Event.objects.filter(sessions__material_version_id__in=versions).values("pk"))
    if kind == "material_version":
        return Q(pk__in=Event.objects.filter(sessions__material_version_id=key).values("pk"))
    if kind == "doctor":
        return Q(pk__in=Event.objects.filter(speakers__doctor_id=key).values("pk"))
    if kind == "engagement":
        return Q(pk__in=Event.objects.filter(speakers=key).values("pk"))
    return {
        "user": Q(organiser_id=key),
        "hospital": Q(hospital_id=key),
        "territory": Q(territory_id=key),
        "event": Q(pk=key),
    }.get(kind)
