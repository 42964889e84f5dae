"""Reads about academic events, and the facts they are judged by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import JSONObject
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from activities import rules
from activities.choices import (
    BudgetKind,
    EventState,
    ExpenseKind,
    FeePayer,
    ProofKind,
    SessionKind,
    VenueClass,
)
from activities.facts import EventFacts, ExpenseFacts, SignInFacts
from activities.models import Attendance, Event, EventProof, Expense, InstitutionConsent, Speaker
from compliance.selectors import standing_of
from content import selectors as content
from doctors import selectors as doctors
from pharmacrm.accounts import selectors as people
from pharmacrm.accounts.choices import Role

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User
    from pharmacrm.common.models import StoredFile

REPEAT_WITHIN = timedelta(days=365)
SALES = (Role.REP, Role.LINE_MANAGER)


def events_visible_to(user: User, on: date) -> QuerySet[Event]:
    """Return the events a person may see on a day: their territories', or all for company-wide roles.

    Returns: no order. Cost: two queries for territories, none for people who see all.
    """
    events = Event.objects.select_related("organiser", "hospital", "department", "territory")
    if people.sees_every_territory(user):
        return events
    return events.filter(territory_id__in=people.territory_ids_of(user, on))


def home_territory_id(user: User, on: date) -> UUID | None:
    """Return the territory a person's new events belong to: the first they work in."""
    return (
        people.memberships_on(user, on)
        .order_by("valid_from", "pk")
        .values_list("territory_id", flat=True)
        .first()
    )


def event_facts(event: Event, *, at: datetime, approver: User | None = None) -> EventFacts:
    """Return what the law judges an event by, read from its rows. Cost: a fixed number of queries."""
    day = localtime(event.starts_at).date()
    standing = standing_of(event.organiser_id, "event.request", list(event.products), at)
    sessions = list(event.sessions.all())
    speakers = list(event.speakers.all())
    proofs = list(event.proofs.select_related("file"))
    invited = event.invitations.count()
    present = event.attendances.count()
    shown = [item.material_version_id for item in sessions if item.material_version_id]
    showable, expired = content.showable_on(shown, day)
    science = [item for item in sessions if item.kind != SessionKind.BREAK]
    return EventFacts(
        kind=event.kind,
        starts_on=day.isoformat(),
        title=event.title,
        title_rx_names=rx_names_in(event.title),
        organiser_employed=standing.employed,
        organiser_filed=standing.filed,
        products=tuple(event.products),
        products_outside_filing=standing.products_outside_filing,
        training_missing=standing.training_missing,
        need_stated=bool(event.need.strip()),
        in_institution=event.venue_class == VenueClass.HOSPITAL,
        institution_consents=_consent_covers(event, day),
        venue_class=event.venue_class,
        entertainment=event.entertainment,
        meal_fen_per_head=event.meal_fen_per_head,
        people_planned=event.people_planned or invited,
        people_present=present,
        agenda_minutes=sum(item.minutes for item in sessions),
        discussion_minutes=sum(item.minutes for item in sessions if item.kind == SessionKind.DISCUSSION),
        science_minutes=sum(item.minutes for item in science),
        repeats_topic_within_12_months=_repeats_topic(event),
        repeat_reason_given=bool(event.repeat_reason.strip()),
        speakers=tuple(str(speaker.doctor_id) for speaker in speakers),
        speakers_unverified=tuple(
            str(speaker.doctor_id) for speaker in speakers if speaker.selection_verified_by_id is None
        ),
        sponsor_shown=event.sponsor_shown,
        materials=tuple(str(pk) for pk in shown),
        materials_unreleased=tuple(str(pk) for pk in shown if pk not in showable and pk not in expired),
        materials_expired=tuple(str(pk) for pk in shown if pk in expired),
        approver_is_requester=approver is not None and approver.pk == event.organiser_id,
        approver_in_sales=approver is not None and approver.has_role(*SALES),
        proof_missing=rules.missing_proofs(
            {proof.kind for proof in proofs}, signed_in=present, summary=event.summary
        ),
        duplicate_proof=tuple(proof.name for proof in proofs if events_with_file(proof.file, but=event)),
        attendance_share_bp=rules.share_bp(present, event.people_planned or invited),
        safety_answered=event.safety_answered,
        subjects=subjects_of(event, shown),
    )


def sign_in_facts(event: Event, doctor_id: UUID, *, at_the_door: bool) -> SignInFacts:
    """Return what the law judges a doctor's coming by. Cost: as `subjects_of`, for the agenda's slides too."""
    shown = event.sessions.filter(material_version__isnull=False).values_list(
        "material_version_id", flat=True
    )
    return SignInFacts(
        event_on=localtime(event.starts_at).date().isoformat(),
        doctor=str(doctor_id),
        at_the_door=at_the_door,
        products=tuple(event.products),
        subjects=(*subjects_of(event, list(shown)), f"doctor:{doctor_id}"),
    )


def expense_facts(expense: Expense) -> ExpenseFacts:
    """Return what the law judges a receipt by."""
    event = expense.event
    same_evening = Expense.objects.filter(
        event_id=event.pk, kind=expense.kind, spent_on=expense.spent_on, payee=expense.payee
    )
    return ExpenseFacts(
        kind=expense.kind,
        spent_on=expense.spent_on.isoformat(),
        cost_fen=expense.cost_fen,
        people_present=expense.people_present,
        people_named=Attendance.objects.filter(event_id=event.pk).count(),
        purpose_stated=bool(expense.purpose.strip()),
        receipt_attached=expense.receipt_id is not None,
        receipt_used_before=expense.receipt_id is not None
        and Expense.objects.filter(receipt_id=expense.receipt_id).exists(),
        split_suspected=same_evening.exists(),
        payee_kind="vendor",
        approver_is_payer=False,
        venue_class=event.venue_class,
        subjects=(*subjects_of(event, []), f"user:{expense.submitted_by_id}"),
    )


def subjects_of(event: Event, versions: list[UUID]) -> tuple[str, ...]:
    """Return everything an event rests on, as a hold names it."""
    names = [
        f"event:{event.pk}",
        f"user:{event.organiser_id}",
        *(f"product:{code}" for code in event.products),
    ]
    if event.hospital_id:
        names.append(f"hospital:{event.hospital_id}")
    if event.territory_id:
        names.extend(people.territories_rested_on([event.territory_id]))
    for speaker, doctor in event.speakers.values_list("pk", "doctor_id"):
        names += [f"engagement:{speaker}", f"doctor:{doctor}"]
    for rests_on in content.subjects_of_version_ids(versions).values():
        names.extend(rests_on)
    return tuple(dict.fromkeys(names))


def events_with_file(file: StoredFile, *, but: Event) -> list[str]:
    """Return the codes of other events that the same bytes prove."""
    others = EventProof.objects.filter(file=file).exclude(event=but)
    return sorted(set(others.values_list("event__code", flat=True)))


def doctor_at_the_door(event: Event, *, name: str, phone_tail: str) -> UUID | None:
    """Return the one doctor who fits name and phone tail among the invited and the hospital's own; else None."""
    invited = list(event.invitations.values_list("doctor_id", flat=True))
    found = doctors.doctors_named_with_phone(
        name.strip(), phone_tail.strip(), hospital_id=event.hospital_id, among=invited
    )
    return found[0] if len(found) == 1 else None


def budget_of(event: Event) -> list[dict[str, object]]:
    """Return the estimate and what was spent, by kind of cost. Units: fen."""
    spent = dict(event.expenses.order_by().values_list("kind").annotate(total=Sum("cost_fen")))
    lines = {line.kind: line.estimate_fen for line in event.budget_lines.all()}
    return [
        {"label": _cost_label(kind), "estimate_fen": lines.get(kind, 0), "spent_fen": spent.get(kind, 0)}
        for kind in dict.fromkeys([*lines, *spent])
    ]


def own_events_ahead(user: User, *, at: datetime, limit: int = 5) -> list[Event]:
    """Return the person's events of the next two weeks and those whose proof is due, soonest first. Cost: one query."""
    waiting = Event.objects.filter(organiser=user).filter(
        Q(state=EventState.PROOF)
        | Q(
            state__in=[EventState.DRAFT, EventState.REQUESTED, EventState.APPROVED, EventState.RUNNING],
            starts_at__gte=at - timedelta(days=1),
            starts_at__lt=at + timedelta(days=14),
        )
    )
    return list(waiting.select_related("hospital").order_by("starts_at", "pk")[:limit])


def event_counts(events: QuerySet[Event]) -> dict[str, int]:
    """Return how many events stand in each state."""
    counts = dict(events.order_by().values_list("state").annotate(n=Count("pk")))
    return {state: counts.get(state, 0) for state in EventState.values}


def _cost_label(kind: str) -> str:
    known = {**dict(BudgetKind.choices), **dict(ExpenseKind.choices)}
    return str(known.get(kind, kind))


def rx_names_in(title: str) -> tuple[str, ...]:
    """Return the names of prescription medicines that a title or topic says. Cost: one query."""
    folded = title.casefold()
    return tuple(name for name in content.prescription_names() if name.casefold() in folded)


def _consent_covers(event: Event, day: date) -> bool:
    consent = event.consent
    return bool(
        consent
        and consent.withdrawn_at is None
        and consent.hospital_id == event.hospital_id
        and consent.valid_from <= day < consent.valid_until
        and (not consent.product_codes or set(event.products) <= set(consent.product_codes))
    )


def _repeats_topic(event: Event) -> bool:
    if not event.topic:
        return False
    earlier = Event.objects.filter(
        topic=event.topic,
        hospital_id=event.hospital_id,
        department_id=event.department_id,
        starts_at__gte=event.starts_at - REPEAT_WITHIN,
        starts_at__lt=event.starts_at,
    )
    return earlier.exclude(pk=event.pk).exclude(state=EventState.CANCELLED).exists()


def filtered(events: QuerySet[Event], *, state: str = "", kind: str = "", title: str = "") -> QuerySet[Event]:
    """Return the events that fit the filters of the list."""
    if state:
        events = events.filter(state=state)
    if kind:
        events = events.filter(kind=kind)
    if title:
        events = events.filter(title__icontains=title)
    return events


def event_at_the_door() -> QuerySet[Event]:
    """Return the events a doctor may sign in to at their place: those that run."""
    return Event.objects.filter(state=EventState.RUNNING).select_related("hospital")


def candidates_for(event: Event, user: User, on: date, limit: int = 100) -> list[UUID]:
    """Return doctors of the event's hospital the person may see, its own department first."""
    if event.hospital_id is None:
        return []
    seen = doctors.doctors_visible_to(user, on).filter(hospital_id=event.hospital_id)
    own = seen.filter(department_id=event.department_id).order_by("code").values_list("pk", flat=True)[:limit]
    others = seen.exclude(department_id=event.department_id).order_by("code").values_list("pk", flat=True)
    return [*own, *others[: max(0, limit - len(own))]]


def missing_of(event: Event) -> list[str]:
    """Return in words what is missing before the event may be closed; its summary is asked on closing."""
    kinds = set(event.proofs.values_list("kind", flat=True))
    missing = rules.missing_proofs(kinds, signed_in=event.attendances.count(), summary="asked on closing")
    return proof_words(missing)


def proof_words(kinds: Iterable[str]) -> list[str]:
    """Return what kinds of proof are called."""
    known = {**dict(ProofKind.choices), "summary": _("Summary")}
    return [str(known.get(kind, kind)) for kind in kinds]


def consent_choices(hospital_ids: list[UUID], on: date) -> list[tuple[UUID, str]]:
    """Return the registered consents of hospitals that hold on a day, as (key, words)."""
    rows = InstitutionConsent.objects.filter(
        hospital_id__in=hospital_ids, withdrawn_at__isnull=True, valid_from__lte=on, valid_until__gt=on
    ).values_list("pk", "hospital__name", "registration_number")
    return [(pk, f"{hospital} · {number}") for pk, hospital, number in rows.order_by("hospital__name")]


def event_title(key: str) -> str:
    """Return the words for an event's key, or nothing for an unknown one."""
    event = Event.objects.filter(pk=key).only("code", "title").first()
    return str(event) if event else ""


def transfers_in_year(doctor_id: UUID, year: int) -> int:
    """Return what a doctor was paid in fees at events of a calendar year, in fen. Cost: one query."""
    paid = Speaker.objects.filter(
        doctor_id__in=doctors.records_of(doctor_id),
        event__starts_at__year=year,
        event__state=EventState.CLOSED,
        fee_payer="company",
    )
    return paid.aggregate(fen=Sum("fee_fen"))["fen"] or 0


@dataclass(frozen=True)
class Part:
    """A doctor's part in an event: signed in, paid to speak, or both. Units: fen; 0 is no fee."""

    title: str
    starts_at: datetime
    is_closed: bool
    signed_at: datetime | None
    fee_fen: int
    fee_payer: str

    @property
    def payer_label(self) -> str:
        return str(FeePayer(self.fee_payer).label) if self.fee_payer else ""


def parts_of_doctor(doctor_id: UUID) -> list[Part]:
    """Return a doctor's part in every event, newest first. The caller may see the doctor. Cost: one query."""
    family = doctors.records_of(doctor_id)
    present = Attendance.objects.filter(doctor_id__in=family)
    paid = Speaker.objects.filter(doctor_id__in=family, fee_fen__gt=0)
    rows = (
        Event.objects.filter(pk__in=present.values("event_id").union(paid.values("event_id"), all=True))
        .annotate(
            signed_at=Subquery(
                present.filter(event=OuterRef("pk")).order_by("signed_at").values("signed_at")[:1]
            ),
            fees=ArraySubquery(
                paid.filter(event=OuterRef("pk"))
                .order_by("pk")
                .values(one=JSONObject(fen="fee_fen", payer="fee_payer"))
            ),
        )
        .order_by("-starts_at", "-pk")
        .values("title", "starts_at", "state", "signed_at", "fees")
    )
    return [
        Part(
            title=row["title"],
            starts_at=row["starts_at"],
            is_closed=row["state"] == EventState.CLOSED,
            signed_at=None if number else row["signed_at"],
            fee_fen=fee["fen"],
            fee_payer=fee["payer"],
        )
        for row in rows
        for number, fee in enumerate(row["fees"] or [{"fen": 0, "payer": ""}])
    ]


def fees_of_year(parts: list[Part], year: int) -> int:
    """Return what of them the company paid at closed events of a calendar year, in fen."""
    return sum(
        one.fee_fen
        for one in parts
        if one.fee_payer == FeePayer.COMPANY and one.is_closed and localtime(one.starts_at).year == year
    )
