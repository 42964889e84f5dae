"""Reads of visits: whose they are, what belongs to one, what a doctor's page shows of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from activities.choices import Lateness
from activities.models import MaterialView, PlannedMaterial, Visit, VisitAmendment, VisitMaterial
from activities.models.visits import REPORTED
from doctors import selectors as doctors
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.selectors import people_below

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

SEES_ALL = (
    Role.MARKETING,
    Role.MEDICAL,
    Role.COMPLIANCE,
    Role.INSPECTOR,
    Role.ADMINISTRATOR,
    Role.SERVICE,
)


def visits_visible_to(user: User, *, on: date) -> QuerySet[Visit]:
    """Return the visits a person may read: their own, those of the people in their branch, or all by role.

    Returns: hospital and representative joined in; no order. Cost: one query, one more for managers' branches.
    """
    visits = Visit.objects.select_related("hospital", "rep", "department")
    if user.has_role(*SEES_ALL):
        return visits
    if user.has_role(Role.LINE_MANAGER):
        return visits.filter(Q(rep=user) | Q(rep__in=people_below(user, on).order_by().values("pk")))
    return visits.filter(rep=user)


def visit_filters(
    visits: QuerySet[Visit],
    *,
    state: str = "",
    channel: str = "",
    breach: str = "",
    rep: Any = None,
    since: date | None = None,
    until: date | None = None,
    doctor: UUID | None = None,
) -> QuerySet[Visit]:
    """Narrow a list of visits by what its filter bar says. Days are Shanghai's; `until` is the last day."""
    if state:
        visits = visits.filter(state=state)
    if channel:
        visits = visits.filter(channel=channel)
    if breach:
        visits = visits.filter(in_breach=breach == "yes")
    if rep:
        visits = visits.filter(rep=rep)
    if doctor:
        visits = visits.filter(doctor_id__in=doctors.records_of(doctor))
    if since:
        visits = visits.filter(ended_at__date__gte=since)
    if until:
        visits = visits.filter(ended_at__date__lte=until)
    return visits


def visit_parts(visit_id: UUID) -> Visit | None:
    """Return one visit with all that belongs to it. Cost: eight queries."""
    return (
        Visit.objects.select_related("hospital", "rep", "department", "booking")
        .prefetch_related(
            Prefetch("planned_materials", PlannedMaterial.objects.select_related("version__material")),
            "attendees",
            "products__product",
            "products__claim",
            Prefetch(
                "materials",
                VisitMaterial.objects.select_related("version__material").prefetch_related(
                    Prefetch("views", MaterialView.objects.order_by("page"))
                ),
            ),
            "needs__need",
            "follow_ups",
            Prefetch("amendments", VisitAmendment.objects.select_related("by").order_by("-at")),
        )
        .filter(pk=visit_id)
        .first()
    )


def note_of(visit: Visit) -> str:
    """Return a visit's note; empty when there is none or its person was erased. The caller may see the visit."""
    return doctors.open_text(visit.doctor_id, visit.note_sealed)


def visits_of_doctor(doctor_id: UUID, *, user: User, on: date, limit: int = 20) -> list[Visit]:
    """Return the last submitted visits to a doctor that a person may see, newest first. Cost: one query or two."""
    return list(
        visits_visible_to(user, on=on)
        .filter(doctor_id__in=doctors.records_of(doctor_id), state__in=REPORTED)
        .order_by("-ended_at")[:limit]
    )


def materials_shown_to(doctor_id: UUID, *, limit: int = 20) -> list[VisitMaterial]:
    """Return what was shown to a doctor, newest first, with how many pages were looked at and for how long.

    The caller may see the doctor. Units: `seconds` whole. Cost: one query.
    """
    return list(
        VisitMaterial.objects.filter(doctor_id__in=doctors.records_of(doctor_id))
        .select_related("version__material", "rep")
        .annotate(pages=Count("views"), dwell_ms=Coalesce(Sum("views__dwell_ms"), 0))
        .annotate(seconds=F("dwell_ms") / 1000)
        .order_by("-shown_at")[:limit]
    )


@dataclass(frozen=True)
class Flag:
    """A remark on the quality of a record, in words."""

    code: str
    words: str


def quality_flags(visit: Visit) -> list[Flag]:
    """Return what a reader should know about how a visit was written down."""
    flags = []
    if visit.lateness == Lateness.LATE:
        flags.append(Flag("late", _("Written down later than 24 hours after the visit")))
    if visit.lateness == Lateness.TOO_LATE:
        flags.append(Flag("too_late", _("Written down later than 72 hours after the visit")))
    if visit.was_offline:
        flags.append(Flag("synced_late", _("Written without signal, uploaded later")))
    if visit.is_clock_unproven:
        flags.append(Flag("unproven", _("Times unproven: the phone's clock was off")))
    if visit.note_hits:
        flags.append(Flag("note_kept_out", _("A note was not kept: it held what may never be stored")))
    return flags


def last_visit_at(doctor_ids, *, user: User | None = None) -> dict[UUID, datetime]:
    """Return the moment of the last submitted visit by doctor. Cost: one query."""
    visits = Visit.objects.filter(doctor_id__in=list(doctor_ids), state__in=REPORTED)
    if user is not None:
        visits = visits.filter(rep=user)
    return dict(
        visits.order_by("doctor_id", "-ended_at").distinct("doctor_id").values_list("doctor_id", "ended_at")
    )
