"""What a visit is judged by, gathered from the rows it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from activities import rules
from activities.choices import Channel
from activities.facts import VisitFacts
from activities.models import Visit
from activities.models.visits import REPORTED
from activities.selectors import hospital_doors
from compliance.rules import categories_of, scan_text
from compliance.selectors import is_released, standing_of
from content import selectors as content
from doctors import selectors as doctors
from pharmacrm.accounts import selectors as accounts

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

BUDGET_WINDOW = timedelta(days=30)
CONSENT_CHANNEL = {
    Channel.FACE_TO_FACE: "visit",
    Channel.PHONE: "phone",
    Channel.VIDEO: "online",
    Channel.WECOM: "wecom",
}
SHOW_CHANNEL: dict[str, str] = {Channel.PHONE: "remote", Channel.VIDEO: "remote"}

NOTE_OF_VISIT = "visit.note"
NOTE_OF_AMENDMENT = "visit.amendment"
NOTE_OF_LATENESS = "visit.late_reason"
NOTE_OF_NEED = "visit.need"
NOTE_OF_FOLLOW_UP = "visit.follow_up"


@dataclass(frozen=True)
class Where:
    """The hospital and department in which a doctor is met."""

    hospital_id: UUID
    department_id: UUID | None


@dataclass(frozen=True)
class Circumstances:
    """Who meets whom, where, when, about what."""

    rep: User
    doctor_ids: tuple[UUID, ...]
    hospital_id: UUID
    starts_at: datetime
    channel: str
    purpose: str
    place: str
    asked_at: datetime
    product_ids: tuple[UUID, ...] = ()
    claim_ids: tuple[UUID, ...] = ()
    shown: tuple[tuple[UUID, datetime], ...] = ()
    visit_id: UUID | None = None
    booking_id: UUID | None = None


def place_of(doctor_id: UUID, *, by: User, at: datetime, hospital_id: UUID | None = None) -> Where | None:
    """Return where a person may plan to meet a doctor, or None: unknown, out of sight, or without a hospital."""
    if not doctors.can_see(by, doctor_id, timezone.localtime(at).date()):
        return None
    return where_it_was(doctor_id, hospital_id=hospital_id)


def where_it_was(doctor_id: UUID, *, hospital_id: UUID | None = None) -> Where | None:
    """Return where a doctor was met: the hospital named, else the doctor's own; None where there is none."""
    card = doctors.doctor_card(doctor_id)
    if card is None:
        return None
    if hospital_id is not None and hospital_id != card.hospital_id:
        return Where(hospital_id, None) if doctors.hospital_card(hospital_id) else None
    return Where(card.hospital_id, card.department_id) if card.hospital_id else None


def circumstances_of(
    visit: Visit, *, starts_at: datetime, asked_at: datetime, place: str = ""
) -> Circumstances:
    """Return the circumstances of a visit that stands, as if it began at `starts_at`."""
    return Circumstances(
        rep=visit.rep,
        doctor_ids=(visit.doctor_id, *visit.attendees.values_list("doctor_id", flat=True)),
        hospital_id=visit.hospital_id,
        starts_at=starts_at,
        channel=visit.channel,
        purpose=visit.purpose,
        place=place or visit.place,
        asked_at=asked_at,
        product_ids=tuple(visit.products.values_list("product_id", flat=True)),
        shown=tuple(
            (version_id, starts_at)
            for version_id in visit.planned_materials.order_by("pk").values_list("version_id", flat=True)
        ),
        visit_id=visit.pk,
        booking_id=visit.booking_id,
    )


def facts_before(about: Circumstances) -> VisitFacts:
    """Return the facts of `visit.plan` and `visit.start`, and the first half of `visit.submit`."""
    day = timezone.localtime(about.starts_at).date()
    products = _product_codes(about.product_ids)
    standing = _standing(about, products)
    door = hospital_doors.door_of(
        about.hospital_id, rep=about.rep, at=about.starts_at, product_codes=products, place=about.place
    )
    at_hospital = about.channel == Channel.FACE_TO_FACE
    people = _people(about, products, at=about.starts_at)
    materials = _materials(about, products)
    return VisitFacts(
        visit_on=day.isoformat(),
        channel=about.channel,
        purpose=about.purpose,
        is_group=len(about.doctor_ids) > 1,
        **standing,
        products=products,
        consent_required=at_hospital,
        institution_consents=door.institution_consents,
        booking_required=at_hospital and door.booking_required,
        booking_accepted=door.booking_id is not None,
        has_reception_slots=at_hospital and bool(door.slots),
        within_reception_slot=door.within_slot,
        place=about.place,
        place_permitted=not at_hospital or door.place_permitted,
        hospital_registers_reps=at_hospital and door.registers_reps,
        lead_days_required=door.lead_days if at_hospital else 0,
        # An accepted booking is the hospital's own word that it had notice enough.
        lead_days_given=(
            door.lead_days
            if door.booking_id is not None
            else max(0, (day - timezone.localtime(about.asked_at).date()).days)
        ),
        **people,
        **materials.facts,
        subjects=(
            f"user:{about.rep.pk}",
            *(f"doctor:{key}" for key in about.doctor_ids),
            f"hospital:{about.hospital_id}",
            *(f"product:{key}" for key in about.product_ids),
            *(f"product:{code}" for code in products),
            *(f"claim:{key}" for key in about.claim_ids),
            *_territories(about.doctor_ids, day),
            *materials.subjects,
        ),
    )


def booking_id_of(about: Circumstances) -> UUID | None:
    """Return the accepted booking that covers the visit, or None."""
    return hospital_doors.door_of(about.hospital_id, rep=about.rep, at=about.starts_at).booking_id


def note_hits(text: str, *, kind: str = NOTE_OF_VISIT) -> tuple[str, ...]:
    """Return the categories of never-store content found in free text; empty when it may be kept.

    Words that two people released as a false alarm may be kept. Cost: one query where something is found.
    """
    found = categories_of(scan_text(text)) if text.strip() else ()
    return () if found and is_released("note", kind, text) else found


def minutes_between(start: datetime | None, end: datetime | None) -> int:
    """Return whole minutes from start to end, never negative; 0 where either is unknown."""
    return max(0, int((end - start).total_seconds() // 60)) if start and end else 0


def audience_of(
    doctor_id: UUID, *, channel: str = Channel.FACE_TO_FACE, products: Iterable[str] = ()
) -> content.AudienceFacts:
    """Return what content needs to know of a doctor as a reader. Cost: one query."""
    card = doctors.doctor_card(doctor_id)
    return audience_of_card(card, channel=channel, products=products)


def audience_of_card(
    card: doctors.DoctorCard | None, *, channel: str = Channel.FACE_TO_FACE, products: Iterable[str] = ()
) -> content.AudienceFacts:
    """Return `audience_of` for a doctor whose card is at hand."""
    channel = SHOW_CHANNEL.get(channel, channel)
    if card is None:
        return content.AudienceFacts(channel=channel)
    return content.AudienceFacts(
        tier=card.tier,
        department=card.department,
        hospital_level=card.hospital_level,
        products=tuple(products),
        channel=channel,
    )


def _product_codes(product_ids: Iterable[UUID]) -> tuple[str, ...]:
    wanted = list(dict.fromkeys(product_ids))
    if not wanted:
        return ()
    return tuple(content.products().filter(pk__in=wanted).values_list("code", flat=True))


def _standing(about: Circumstances, products: tuple[str, ...]) -> dict:
    """The representative's own footing; without a product the filing as such is asked for."""
    held = standing_of(
        about.rep.pk, "visit.plan", products, about.starts_at, hospital=f"hospital:{about.hospital_id}"
    )
    return {
        "rep_employed": held.employed,
        "rep_contract": held.contract,
        "rep_filed": held.filed,
        "rep_filing_ends_on": held.filing_ends_on,
        "rep_change_open_days": held.change_open_days,
        "rep_commitment_signed": held.commitment_signed,
        "rep_bribery_found": held.bribery_found,
        "rep_bribery_check_overdue": held.bribery_check_overdue,
        "rep_registered_at_hospital": held.registered_at_hospital,
        "products_outside_filing": held.products_outside_filing,
        "products_outside_scope": held.products_outside_scope,
        "training_missing": held.training_missing,
        "mah_approved": held.contract == "employment",
    }


def _people(about: Circumstances, products: tuple[str, ...], *, at: datetime) -> dict:
    day = timezone.localtime(at).date()
    keys = list(dict.fromkeys(about.doctor_ids))
    families = doctors.families_of(keys)
    records = {record for family in families.values() for record in family}
    visible = doctors.doctors_visible_to(about.rep, day).filter(pk__in=records)
    found = set(visible.values_list("pk", flat=True))
    seen = {key for key in keys if found.intersection(families[key])}
    consents = doctors.contact_consents(
        families, channel=CONSENT_CHANNEL[Channel(about.channel)], at=at, products=products
    )
    counts = dict(
        Visit.objects.filter(
            doctor_id__in=records, state__in=REPORTED, ended_at__gte=at - BUDGET_WINDOW, ended_at__lt=at
        )
        .exclude(pk=about.visit_id)
        .values("doctor_id")
        .annotate(n=Count("pk"))
        .order_by()
        .values_list("doctor_id", "n")
    )
    budgets = (sum(counts.get(record, 0) for record in family) for family in families.values())
    return {
        "doctors": tuple(str(key) for key in keys),
        "doctors_outside_territory": tuple(str(key) for key in keys if key not in seen),
        "doctors_never_contact": tuple(
            str(key) for key, held in consents.held.items() if held.state == "never"
        ),
        "doctors_stopped": tuple(str(key) for key in keys if key in consents.stopped),
        "doctors_without_channel_consent": (
            ()
            if about.channel == Channel.FACE_TO_FACE
            else tuple(
                str(key) for key in keys if key not in consents.held or not consents.held[key].is_given
            )
        ),
        "visits_last_30_days": max(budgets, default=0),
    }


def _territories(doctor_ids: Iterable[UUID], day) -> tuple[str, ...]:
    return accounts.territories_rested_on(doctors.territory_ids_of_doctors(doctor_ids, day))


@dataclass(frozen=True)
class _Materials:
    facts: dict
    subjects: tuple[str, ...]


def _materials(about: Circumstances, products: tuple[str, ...]) -> _Materials:
    if not about.shown:
        return _Materials({}, ())
    audience = audience_of(about.doctor_ids[0], channel=about.channel)
    unreleased, expired, mismatched, outdated = [], [], [], []
    subjects: list[str] = []
    for version_id, shown_at in about.shown:
        found = content.show_facts(version_id, audience, shown_at)
        key = str(version_id)
        if not found.released:
            unreleased.append(key)
        if found.expired:
            expired.append(key)
        if not found.audience_matches:
            mismatched.append(key)
        if not found.label_current:
            outdated.append(key)
        subjects += found.subjects
    return _Materials(
        {
            "materials": tuple(str(version_id) for version_id, _at in about.shown),
            "materials_unreleased": tuple(unreleased),
            "materials_expired": tuple(expired),
            "materials_audience_mismatch": tuple(mismatched),
            "materials_label_outdated": tuple(outdated),
        },
        tuple(dict.fromkeys(subjects)),
    )


def note_patterns() -> list[dict]:
    """Return what the phone looks for in a note while it is typed."""
    return [
        {
            "code": guard.code,
            "label": {"zh": guard.zh, "en": guard.en},
            "patterns": list(guard.patterns),
        }
        for guard in rules.NOTE_GUARDS
    ]


def standing_facts(user: User, *, at: datetime) -> dict:
    """Return a representative's footing for all products, as the facts of a visit name it."""
    codes = tuple(content.products().values_list("code", flat=True))
    held = standing_of(user.pk, "visit.plan", codes, at)
    return {
        "rep_employed": held.employed,
        "rep_contract": held.contract,
        "rep_filed": held.filed,
        "rep_filing_ends_on": held.filing_ends_on,
        "rep_commitment_signed": held.commitment_signed,
        "rep_bribery_found": held.bribery_found,
        "rep_bribery_check_overdue": held.bribery_check_overdue,
        "products_outside_filing": list(held.products_outside_filing),
        "products_outside_scope": list(held.products_outside_scope),
        "training_missing": list(held.training_missing),
    }
