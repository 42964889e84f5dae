"""How a hospital receives representatives: its rules, its consents, the times it gave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from activities import rules
from activities.choices import BookingState
from activities.models import Booking, HospitalPolicy, InstitutionConsent, ReceptionSlot

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

GRACE = timedelta(minutes=30)
AHEAD = timedelta(days=8)  # a phone may be without signal for a week


@dataclass(frozen=True)
class Door:
    """What one hospital says of one moment."""

    booking_required: bool = False
    booking_id: UUID | None = None
    booking_place: str = ""
    institution_consents: bool = False
    slots: tuple[rules.Slot, ...] = ()
    within_slot: bool = False
    receives_that_day: bool = True
    place_permitted: bool = True
    registers_reps: bool = False
    lead_days: int = 0
    place: str = ""


def policies_on(day: date) -> QuerySet[HospitalPolicy]:
    """Return the hospitals' rules that hold on a day, with hospital and slots joined in. Cost: two queries."""
    return (
        _bare_policies_on(day)
        .select_related("hospital")
        .prefetch_related(Prefetch("slots", ReceptionSlot.objects.order_by("weekday", "starts")))
    )


def _bare_policies_on(day: date) -> QuerySet[HospitalPolicy]:
    return HospitalPolicy.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=day), valid_from__lte=day
    )


def policy_of(hospital_id: UUID, day: date) -> HospitalPolicy | None:
    """Return the rules of one hospital on a day with their slots, or None where it has told none. Cost: two queries."""
    return (
        _bare_policies_on(day)
        .prefetch_related(Prefetch("slots", ReceptionSlot.objects.order_by("weekday", "starts")))
        .filter(hospital_id=hospital_id)
        .order_by("-valid_from")
        .first()
    )


def slots_of(policy: HospitalPolicy | None) -> tuple[rules.Slot, ...]:
    """Return a policy's reception times as plain values."""
    if policy is None:
        return ()
    return tuple(
        rules.Slot(slot.weekday, slot.starts, slot.ends, slot.place or policy.place)
        for slot in policy.slots.all()
    )


def requires_booking(hospital_id: UUID, day: date) -> bool:
    """Return whether a hospital takes representatives by booking only on a day. Cost: one query."""
    policy = _bare_policies_on(day).filter(hospital_id=hospital_id).order_by("-valid_from").first()
    return bool(policy and policy.booking_required)


def hospitals_requiring_booking(day: date) -> list[UUID]:
    """Return the hospitals that take representatives by booking only on a day. Cost: one query."""
    return list(
        _bare_policies_on(day)
        .filter(booking_required=True)
        .order_by("hospital_id")
        .values_list("hospital_id", flat=True)
    )


def consents_on(day: date) -> QuerySet[InstitutionConsent]:
    """Return the institutions' consents that hold on a day."""
    return InstitutionConsent.objects.filter(
        withdrawn_at__isnull=True, valid_from__lte=day, valid_until__gt=day, evidence__isnull=False
    )


def accepted_booking(hospital_id: UUID, rep: User, at: datetime) -> Booking | None:
    """Return the booking the hospital accepted that covers a moment, with half an hour's grace, or None."""
    return (
        Booking.objects.filter(
            rep=rep,
            hospital_id=hospital_id,
            state=BookingState.ACCEPTED,
            starts_at__lte=at + GRACE,
            ends_at__gt=at - GRACE,
        )
        .order_by("starts_at")
        .first()
    )


@dataclass(frozen=True)
class Window:
    """A stretch of time in which a hospital expects a representative, grace included."""

    hospital_id: UUID
    begins: datetime
    ends: datetime


def accepted_windows(
    rep: User, at: datetime, *, began: Iterable[tuple[UUID, datetime | None]] = ()
) -> list[Window]:
    """Return the accepted times of the next days; one in which a visit `began` lasts until that day ends.

    Cost: one query.
    """
    rows = Booking.objects.filter(rep=rep, state=BookingState.ACCEPTED, ends_at__gt=at - timedelta(days=1))
    rows = rows.filter(starts_at__lt=at + AHEAD).order_by("starts_at", "pk")
    under_way = [(hospital_id, moment) for hospital_id, moment in began if moment is not None]
    windows = []
    for hospital_id, starts_at, ends_at in rows.values_list("hospital_id", "starts_at", "ends_at"):
        begins, ends = starts_at - GRACE, ends_at + GRACE
        held = [moment for where, moment in under_way if where == hospital_id and begins <= moment < ends]
        if held:
            ends = max(ends, timezone.localtime(held[0]).replace(hour=23, minute=59, second=59))
        if ends > at:
            windows.append(Window(hospital_id, begins, ends))
    return windows


def booked_hospitals(rep: User, day: date) -> set[UUID]:
    """Return the hospitals that accepted a booking of the person on a day. Cost: one query."""
    zone = timezone.get_default_timezone()
    start = datetime.combine(day, time.min, zone)
    return set(
        Booking.objects.filter(
            rep=rep,
            state=BookingState.ACCEPTED,
            starts_at__gte=start,
            starts_at__lt=start + timedelta(days=1),
        ).values_list("hospital_id", flat=True)
    )


_DOOR = """
    (SELECT json_build_array(p.booking_required, p.registers_reps, p.lead_days, p.place, p.restricted_areas,
                   (SELECT json_agg(json_build_array(s.weekday, s.starts, s.ends, s.place) ORDER BY s.weekday, s.starts)
                      FROM activities_receptionslot s WHERE s.policy_id = p.id))
              FROM activities_hospitalpolicy p
             WHERE p.hospital_id = %(hospital)s
               AND p.valid_from <= %(on)s AND (p.valid_until IS NULL OR p.valid_until > %(on)s)
             ORDER BY p.valid_from DESC LIMIT 1),
           (SELECT b.id FROM activities_booking b
             WHERE b.rep_id = %(rep)s AND b.hospital_id = %(hospital)s AND b.state = %(accepted)s
               AND b.starts_at <= %(latest)s AND b.ends_at > %(earliest)s
             ORDER BY b.starts_at LIMIT 1),
           (SELECT json_agg(c.product_codes) FROM activities_institutionconsent c
             WHERE c.hospital_id = %(hospital)s AND c.withdrawn_at IS NULL AND c.evidence_id IS NOT NULL
               AND c.valid_from <= %(on)s AND c.valid_until > %(on)s)"""


def door_of(
    hospital_id: UUID, *, rep: User, at: datetime, product_codes: tuple[str, ...] = (), place: str = ""
) -> Door:
    """Return what a hospital says of a moment. Cost: one query."""
    local = timezone.localtime(at)
    values: dict[str, Any] = {
        "hospital": hospital_id, "rep": rep.pk, "on": local.date(), "accepted": str(BookingState.ACCEPTED),
        "latest": at + GRACE, "earliest": at - GRACE,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_DOOR}", values)
        policy, booking_id, consents = cursor.fetchone()
    needs_booking, registers, lead_days, usual_place, restricted, times = policy or (
        False,
        False,
        0,
        "",
        [],
        None,
    )
    slots = tuple(
        rules.Slot(weekday, time.fromisoformat(starts), time.fromisoformat(ends), where or usual_place)
        for weekday, starts, ends, where in times or []
    )
    return Door(
        booking_required=needs_booking,
        booking_id=booking_id,
        institution_consents=any(not codes or set(product_codes) <= set(codes) for codes in consents or []),
        slots=slots,
        within_slot=rules.is_within_slots(slots, local),
        receives_that_day=rules.receives_on(slots, local.date()),
        place_permitted=place not in restricted,
        registers_reps=registers,
        lead_days=lead_days,
        place=usual_place,
    )


def next_reception(hospital_id: UUID, *, after: datetime) -> tuple[date, rules.Slot] | None:
    """Return the next day and time a hospital receives, with its notice kept, or None where it has no fixed times."""
    local = timezone.localtime(after)
    policy = policy_of(hospital_id, local.date())
    if policy is None:
        return None
    return rules.next_reception(slots_of(policy), after=local, lead_days=policy.lead_days)


def bookings_visible_to(user: User) -> QuerySet[Booking]:
    """Return bookings: a representative's own, everybody's for those who supervise."""
    from_all = Booking.objects.select_related("hospital", "rep").order_by("-starts_at", "-pk")
    if user.has_role("compliance", "steward", "inspector"):
        return from_all
    return from_all.filter(Q(rep=user) | Q(rep__line_manager=user))


def all_consents() -> QuerySet[InstitutionConsent]:
    """Return every institution's consent, also those past or withdrawn, with hospital and evidence joined in."""
    return InstitutionConsent.objects.select_related("hospital", "evidence", "registered_by")
