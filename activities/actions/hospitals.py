"""The hospital's own door: its rules, its registered consent, and the times it gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from activities import permissions
from activities.choices import BookingState
from activities.models import Booking, HospitalPolicy, InstitutionConsent, ReceptionSlot
from compliance import actions as law
from doctors import selectors as doctors

from .errors import BookingNotMade, ConsentNotRegistered, PolicyNotSet

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User
    from pharmacrm.common.models import StoredFile


@dataclass(frozen=True)
class SlotWords:
    """A weekly reception time; `weekday` is ISO (Monday 1)."""

    weekday: int
    starts: time
    ends: time
    place: str = ""


@dataclass(frozen=True)
class PolicyWords:
    """How a hospital receives representatives, as it told or published it (三定两有)."""

    booking_required: bool = False
    registers_reps: bool = False
    booking_channel: str = ""
    lead_days: int = 0
    place: str = ""
    receivers: str = ""
    materials_upfront: bool = False
    restricted_areas: tuple[str, ...] = ()
    source: str = ""
    slots: tuple[SlotWords, ...] = ()


@dataclass(frozen=True)
class ConsentWords:
    """An institution's consent as it was registered with it."""

    hospital_id: UUID
    department_in_charge: str
    registration_number: str
    valid_from: date
    valid_until: date
    product_codes: tuple[str, ...] = ()


@transaction.atomic
def set_hospital_policy(
    *, hospital_id: UUID, words: PolicyWords, valid_from: date, by: User, at: datetime
) -> HospitalPolicy:
    """Write down how a hospital receives from a day on; the rules that held until then end on that day.

    Raises: PermissionDenied; PolicyNotSet for an unknown hospital, a day before the present rules, a bad time.
    Source: MR-15, MR-16.
    """
    if not permissions.can_set_hospital_policy(by):
        raise PermissionDenied
    if doctors.hospital_card(hospital_id) is None:
        raise PolicyNotSet(_("This hospital is not known."), field="hospital")
    for slot in words.slots:
        if slot.ends <= slot.starts:
            raise PolicyNotSet(_("A reception time ends after it begins."), field="slots")
    law.refuse_words(
        "hospital.policy",
        [words.place, words.receivers, words.source, *(slot.place for slot in words.slots)],
        subject=f"hospital:{hospital_id}",
        by=by,
        at=at,
    )
    rows: list = []
    former = (
        HospitalPolicy.objects.select_for_update(of=("self",))
        .filter(hospital_id=hospital_id, valid_until__isnull=True)
        .first()
    )
    if former is not None:
        if valid_from <= former.valid_from:
            raise PolicyNotSet(_("The new rules begin after the present ones."), field="valid_from")
        former.valid_until = valid_from
        former.save()
        rows.append(former)
    policy = HospitalPolicy.objects.create(
        hospital_id=hospital_id,
        valid_from=valid_from,
        booking_required=words.booking_required,
        registers_reps=words.registers_reps,
        booking_channel=words.booking_channel,
        lead_days=words.lead_days,
        place=words.place,
        receivers=words.receivers,
        materials_upfront=words.materials_upfront,
        restricted_areas=list(words.restricted_areas),
        source=words.source,
    )
    slots = [
        ReceptionSlot(
            policy=policy, weekday=slot.weekday, starts=slot.starts, ends=slot.ends, place=slot.place
        )
        for slot in words.slots
    ]
    if slots:
        bulk_create_with_history(slots, ReceptionSlot)
    law.record(
        "activities.hospital_policy_set",
        subject=f"hospital:{hospital_id}",
        by=by,
        at=at,
        rows=[*rows, policy, *slots],
    )
    return policy


@transaction.atomic
def register_institution_consent(
    *, words: ConsentWords, evidence: StoredFile | None, by: User, at: datetime
) -> InstitutionConsent:
    """Register an institution's consent with its number, its days and the paper that proves it.

    Raises: PermissionDenied; ConsentNotRegistered without evidence, with days the wrong way round, a number used
    before, or an unknown hospital. Source: MR-09.
    """
    if not permissions.can_register_institution_consent(by):
        raise PermissionDenied
    if doctors.hospital_card(words.hospital_id) is None:
        raise ConsentNotRegistered(_("This hospital is not known."), field="hospital")
    if evidence is None:
        raise ConsentNotRegistered(
            _("Attach the registration as a file; without it nobody can prove it."), field="evidence"
        )
    if words.valid_until <= words.valid_from:
        raise ConsentNotRegistered(_("The last day lies after the first."), field="valid_until")
    consent = InstitutionConsent(
        hospital_id=words.hospital_id,
        department_in_charge=words.department_in_charge,
        registration_number=words.registration_number.strip(),
        valid_from=words.valid_from,
        valid_until=words.valid_until,
        product_codes=list(words.product_codes),
        evidence=evidence,
        registered_by=by,
    )
    try:
        with transaction.atomic():
            consent.save(force_insert=True)
    except IntegrityError:
        raise ConsentNotRegistered(
            _("This hospital has a consent with that number already."), field="registration_number"
        ) from None
    law.record(
        "activities.institution_consent_registered",
        subject=f"hospital:{words.hospital_id}",
        by=by,
        at=at,
        rows=[consent],
    )
    return consent


@transaction.atomic
def withdraw_institution_consent(
    *, consent_id: UUID, reason: str, by: User, at: datetime
) -> InstitutionConsent:
    """Note that the institution took its consent back; plans and starts are refused from now on.

    Raises: InstitutionConsent.DoesNotExist; PermissionDenied. Withdrawing twice changes nothing.
    """
    consent = InstitutionConsent.objects.select_for_update(of=("self",)).get(pk=consent_id)
    if not permissions.can_register_institution_consent(by):
        raise PermissionDenied
    if consent.withdrawn_at is None:
        consent.withdrawn_at = at
        consent.save()
        law.record(
            "activities.institution_consent_withdrawn",
            subject=f"hospital:{consent.hospital_id}",
            by=by,
            at=at,
            reason=reason,
            rows=[consent],
        )
    return consent


@transaction.atomic
def book_hospital(
    *,
    hospital_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    by: User,
    at: datetime,
    channel: str = "",
    reference: str = "",
) -> Booking:
    """Note that a time was asked of a hospital. It gives leave to visit once the hospital's yes is entered.

    Raises: PermissionDenied; BookingNotMade for a past or backward time, or one asked for already.
    """
    if not permissions.can_do_field_work(by):
        raise PermissionDenied
    if doctors.hospital_card(hospital_id) is None:
        raise BookingNotMade(_("This hospital is not known."), field="hospital")
    if starts_at <= at:
        raise BookingNotMade(_("Choose a time that has not passed yet."), field="starts_at")
    if ends_at <= starts_at:
        raise BookingNotMade(_("The time ends after it begins."), field="ends_at")
    booking = Booking(
        hospital_id=hospital_id,
        rep=by,
        starts_at=starts_at,
        ends_at=ends_at,
        channel=channel,
        reference=reference,
    )
    try:
        with transaction.atomic():
            booking.save(force_insert=True)
    except IntegrityError:
        raise BookingNotMade(_("You asked for this time already."), field="starts_at") from None
    law.record("activities.booking_requested", subject=f"booking:{booking.pk}", by=by, at=at, rows=[booking])
    return booking


@transaction.atomic
def answer_booking(*, booking_id: UUID, state: str, by: User, at: datetime, reference: str = "") -> Booking:
    """Enter the hospital's answer to a booking, or take the booking back.

    Raises: Booking.DoesNotExist; PermissionDenied; BookingNotMade once it is declined or cancelled.
    """
    booking = Booking.objects.select_for_update(of=("self",)).get(pk=booking_id)
    if not permissions.can_change_booking(by, booking):
        raise PermissionDenied
    if state not in {BookingState.ACCEPTED, BookingState.DECLINED, BookingState.CANCELLED}:
        raise BookingNotMade(_("The hospital says yes or no; you may also take it back."), field="state")
    if booking.state in {BookingState.DECLINED, BookingState.CANCELLED}:
        raise BookingNotMade(_("This booking is closed. Ask for another time."))
    if booking.state == state:
        return booking
    booking.state = state
    booking.reference = reference or booking.reference
    booking.save()
    law.record(f"activities.booking_{state}", subject=f"booking:{booking.pk}", by=by, at=at, rows=[booking])
    return booking
