"""Academic events: plan, ask, approve, invite, sign in, prove, close."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from activities import permissions, rules
from activities.choices import AttendanceMethod, EventState
from activities.models import (
    Attendance,
    BudgetLine,
    Event,
    EventProof,
    EventSession,
    Expense,
    Invitation,
    Speaker,
)
from activities.selectors import events as reads
from compliance import actions as law
from compliance.flows import Decision
from doctors import actions as doctor_actions
from doctors import selectors as doctor_selectors
from pharmacrm.accounts import selectors as people
from pharmacrm.common.errors import DomainError
from pharmacrm.common.models import StoredFile

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

APPROVAL_WITHIN = timedelta(days=2)
FLOW = "activities.event"  # registered in apps.py


class EventNotPlanned(DomainError):
    """The plan cannot be kept as it is; nothing has changed."""

    code = "event_not_planned"


class EventNotMoved(DomainError):
    """The event is not at the step this act belongs to; nothing has changed."""

    code = "event_not_moved"


class NotSignedIn(DomainError):
    """Nobody was signed in; nothing has changed."""

    code = "not_signed_in"


class ProofNotAdded(DomainError):
    """The proof or receipt was not kept; nothing has changed."""

    code = "proof_not_added"


@dataclass(frozen=True)
class SessionPlan:
    """One agenda item; `minutes` long, `speaker_id` a doctor, `material_version_id` its slides."""

    title: str
    minutes: int
    kind: str = "talk"
    speaker_id: UUID | None = None
    material_version_id: UUID | None = None


@dataclass(frozen=True)
class EventPlan:
    """What is put to approval. Money is whole fen; `budget` holds pairs of cost kind and estimate."""

    kind: str
    title: str
    need: str
    starts_at: datetime
    ends_at: datetime
    hospital_id: UUID | None = None
    department_id: UUID | None = None
    consent_id: UUID | None = None
    topic: str = ""
    products: tuple[str, ...] = ()
    venue: str = ""
    venue_class: str = "hospital"
    people_planned: int = 0
    meal_fen_per_head: int = 0
    sponsor_shown: bool = False
    entertainment: bool = False
    repeat_reason: str = ""
    sessions: tuple[SessionPlan, ...] = ()
    budget: tuple[tuple[str, int], ...] = ()
    speaker_ids: tuple[UUID, ...] = field(default=())


@transaction.atomic
def plan_event(*, plan: EventPlan, by: User, at: datetime) -> Event:
    """Keep a draft of an event. It binds nobody yet; the law judges it when approval is asked.

    Raises: PermissionDenied; EventNotPlanned.
    """
    if not permissions.can_plan_event(by):
        raise PermissionDenied
    _check_shape(plan)
    event = Event(
        code=_next_code(at), organiser=by, territory_id=reads.home_territory_id(by, localtime(at).date())
    )
    _write_plan(event, plan)
    law.record("activities.event_planned", subject=_subject(event), by=by, at=at, rows=[event])
    return event


@transaction.atomic
def change_event(*, event_id: UUID, plan: EventPlan, by: User, at: datetime, reason: str = "") -> Event:
    """Change a plan. An approved event whose terms change goes back to draft and asks again.

    Raises: PermissionDenied; EventNotPlanned; EventNotMoved once it has run.
    """
    event = _lock(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    if event.state not in {EventState.DRAFT, EventState.APPROVED}:
        raise EventNotMoved(_("This event can no longer be changed."))
    _check_shape(plan)
    _write_plan(event, plan)
    if event.state == EventState.APPROVED and terms_of(event) != event.approved_terms:
        event.state = EventState.DRAFT
        event.save()
    law.record("activities.event_changed", subject=_subject(event), by=by, at=at, reason=reason, rows=[event])
    return event


@transaction.atomic
def request_event(*, event_id: UUID, by: User, at: datetime) -> Event:
    """Ask for approval: the line manager and compliance both have to agree.

    Raises: PermissionDenied; EventNotMoved; Refused with the verdict. In every case nothing has changed.
    """
    event = _lock(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    _check_move(event, EventState.REQUESTED)
    verdict = law.judge(
        "event.request", reads.event_facts(event, at=at), subject=_subject(event), by=by, at=at
    )
    approvers = _approvers(by)
    event.state, event.requested_at = EventState.REQUESTED, at
    event.save()
    law.open_approval(
        subject=_subject(event),
        flow=FLOW,
        approvers=approvers,
        by=by,
        at=at,
        due_at=at + APPROVAL_WITHIN,
        title=str(event),
        payload={"terms": terms_of(event), "event": str(event.pk)},
    )
    law.record(
        "activities.event_requested", subject=_subject(event), by=by, at=at, verdict=verdict, rows=[event]
    )
    return event


@transaction.atomic
def decide_event(*, decision: Decision) -> None:
    """Carry out the answer to an approval: approved on the very terms that were asked for, else back to draft.

    Raises: EventNotMoved when the plan changed meanwhile; Refused with the verdict.
    """
    event = _lock(UUID(decision.payload["event"]))
    subject = _subject(event)
    if decision.outcome != "approved":
        event.state = EventState.DRAFT
        event.save()
        law.record(
            "activities.event_returned",
            subject=subject,
            by=decision.by,
            at=decision.at,
            reason=decision.comment or decision.outcome,
            rows=[event],
        )
        return
    _check_move(event, EventState.APPROVED)
    if terms_of(event) != decision.payload["terms"]:
        raise EventNotMoved(_("The plan changed after approval was asked. Ask again."))
    facts = reads.event_facts(event, at=decision.at, approver=decision.by)
    verdict = law.judge("event.approve", facts, subject=subject, by=decision.by, at=decision.at)
    event.state, event.approved_at = EventState.APPROVED, decision.at
    event.approved_terms = decision.payload["terms"]
    event.sign_in_key = secrets.token_bytes(32)
    event.save()
    law.record(
        "activities.event_approved",
        subject=subject,
        by=decision.by,
        at=decision.at,
        verdict=verdict,
        reason=decision.comment,
        rows=[event],
    )


@transaction.atomic
def invite_doctors(*, event_id: UUID, doctor_ids: Iterable[UUID], by: User, at: datetime) -> int:
    """Invite doctors the person may see; who is invited already is left alone. Returns: how many are new.

    Raises: PermissionDenied; EventNotMoved before approval; Refused with the verdict.
    """
    event = _lock(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    if event.state not in {EventState.APPROVED, EventState.RUNNING}:
        raise EventNotMoved(_("Doctors are invited once the event is approved."))
    wanted = set(doctor_ids)
    seen = set(
        doctor_selectors.doctors_visible_to(by, localtime(at).date())
        .filter(pk__in=wanted)
        .values_list("pk", flat=True)
    )
    if wanted - seen:
        raise PermissionDenied
    facts = reads.event_facts(event, at=at)
    facts = replace(facts, subjects=(*facts.subjects, *(f"doctor:{pk}" for pk in sorted(wanted))))
    verdict = law.judge("event.invite", facts, subject=_subject(event), by=by, at=at)
    have = set(
        Invitation.objects.filter(event=event, doctor_id__in=wanted).values_list("doctor_id", flat=True)
    )
    fresh = [Invitation.objects.create(event=event, doctor_id=pk) for pk in sorted(wanted - have)]
    if fresh:
        law.record(
            "activities.doctors_invited", subject=_subject(event), by=by, at=at, verdict=verdict, rows=fresh
        )
    return len(fresh)


@transaction.atomic
def start_event(*, event_id: UUID, by: User, at: datetime) -> Event:
    """Open the event at its place: from now on doctors may sign in.

    Raises: PermissionDenied; EventNotMoved; Refused with the verdict.
    """
    event = _lock(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    _check_move(event, EventState.RUNNING)
    if terms_of(event) != event.approved_terms:
        raise EventNotMoved(_("The plan differs from what was approved. Ask for approval again."))
    verdict = law.judge("event.start", reads.event_facts(event, at=at), subject=_subject(event), by=by, at=at)
    event.state, event.started_at = EventState.RUNNING, at
    event.save()
    law.record(
        "activities.event_started", subject=_subject(event), by=by, at=at, verdict=verdict, rows=[event]
    )
    return event


@transaction.atomic
def sign_in_doctor(
    *, event_id: UUID, doctor_id: UUID, method: str, by: User | None, at: datetime
) -> tuple[Attendance, bool]:
    """Sign a doctor in, once. `by` is None when the doctor did it from the code at the place.

    Returns: the attendance, and whether it is new. Raises: PermissionDenied, also for a doctor out of the person's
    sight; NotSignedIn when nothing runs. Cost: one row lock on the event, none on other doctors.
    """
    event = _lock(event_id)
    if by is not None and not (
        permissions.can_run_event(by, event) and doctor_selectors.can_see(by, doctor_id, localtime(at).date())
    ):
        raise PermissionDenied
    if event.state != EventState.RUNNING:
        raise NotSignedIn(_("Sign-in is open only while the event runs."))
    attendance, is_new = Attendance.objects.get_or_create(
        event=event,
        doctor_id=doctor_id,
        defaults={"method": method, "signed_at": at, "recorded_by": by},
    )
    if is_new:
        law.record("activities.doctor_signed_in", subject=_subject(event), by=by, at=at, rows=[attendance])
        doctor_actions.record_interaction(
            doctor_id=doctor_id,
            kind="event_attended",
            channel="event",
            subject=_subject(event),
            by=by or event.organiser,
            at=at,
        )
    return attendance, is_new


@transaction.atomic
def sign_in_by_name(*, event_id: UUID, name: str, phone_tail: str, at: datetime) -> tuple[Attendance, bool]:
    """Sign a doctor in by name and the last four digits of the phone on file; exactly one doctor has to fit.

    Raises: NotSignedIn, in the same words whether nobody or several fit, so names cannot be tried out.
    """
    event = Event.objects.get(pk=event_id)
    found = reads.doctor_at_the_door(event, name=name, phone_tail=phone_tail)
    if found is None:
        raise NotSignedIn(_("We could not find you by this. Please ask the organiser to sign you in."))
    return sign_in_doctor(event_id=event_id, doctor_id=found, method=AttendanceMethod.QR, by=None, at=at)


@transaction.atomic
def add_proof(
    *, event_id: UUID, kind: str, file: StoredFile, name: str, by: User, at: datetime
) -> EventProof:
    """Keep a file as proof. The same bytes at another event open a finding, and are kept all the same.

    Raises: PermissionDenied; ProofNotAdded.
    """
    event = _lock(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    if event.state not in {EventState.APPROVED, EventState.RUNNING, EventState.PROOF}:
        raise ProofNotAdded(_("Proof is added between approval and closing."))
    proof, is_new = EventProof.objects.get_or_create(
        event=event,
        kind=kind,
        file=file,
        defaults={"name": name[:120], "added_by": by, "added_at": at},
    )
    if is_new:
        law.record("activities.proof_added", subject=_subject(event), by=by, at=at, rows=[proof])
        elsewhere = reads.events_with_file(file, but=event)
        if elsewhere:
            law.open_finding(
                kind="duplicate_proof",
                subject=_subject(event),
                rule="SG-05",
                grade="避免",
                evidence={"file": file.sha256, "events": elsewhere},
                by=by,
                at=at,
            )
    return proof


@transaction.atomic
def submit_expense(
    *,
    event_id: UUID,
    kind: str,
    cost_fen: int,
    people_present: int,
    spent_on: Any,
    payee: str,
    receipt_number: str,
    by: User,
    at: datetime,
    purpose: str = "",
    receipt: StoredFile | None = None,
) -> Expense:
    """Enter one receipt. Units: whole fen.

    Raises: PermissionDenied; ProofNotAdded when the receipt was entered before; Refused with the verdict.
    """
    event = _lock(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    if event.state not in {EventState.RUNNING, EventState.PROOF}:
        raise ProofNotAdded(_("Costs are entered once the event has begun."))
    expense = Expense(
        event=event,
        kind=kind,
        cost_fen=cost_fen,
        people_present=people_present,
        spent_on=spent_on,
        payee=payee,
        receipt_number=receipt_number,
        receipt=receipt,
        purpose=purpose,
        submitted_by=by,
    )
    verdict = law.judge("expense.submit", reads.expense_facts(expense), subject=_subject(event), by=by, at=at)
    try:
        with transaction.atomic():
            expense.save()
    except IntegrityError as error:
        raise ProofNotAdded(
            _("Receipt %(number)s was entered before.") % {"number": receipt_number}, field="receipt_number"
        ) from error
    law.record(
        "activities.expense_submitted", subject=_subject(event), by=by, at=at, verdict=verdict, rows=[expense]
    )
    return expense


@transaction.atomic
def end_event(*, event_id: UUID, by: User, at: datetime) -> Event:
    """End the event at its place: sign-in closes, proof is checked.

    Raises: PermissionDenied; EventNotMoved.
    """
    event = _lock(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    _check_move(event, EventState.PROOF)
    event.state, event.executed_at = EventState.PROOF, at
    event.save()
    law.record("activities.event_ended", subject=_subject(event), by=by, at=at, rows=[event])
    return event


@transaction.atomic
def close_event(*, event_id: UUID, summary: str, safety_answered: bool, by: User, at: datetime) -> Event:
    """Close a proven event.

    Raises: PermissionDenied; EventNotMoved while proof is missing; Refused with the verdict. Source: SP-12.
    """
    event = _lock(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    _check_move(event, EventState.CLOSED)
    event.summary, event.safety_answered = summary, safety_answered
    facts = reads.event_facts(event, at=at)
    verdict = law.judge("event.close", facts, subject=_subject(event), by=by, at=at)
    if facts.proof_missing:
        raise EventNotMoved(
            _("Still missing: %(kinds)s.") % {"kinds": ", ".join(reads.proof_words(facts.proof_missing))}
        )
    event.state, event.closed_at = EventState.CLOSED, at
    event.save()
    law.record(
        "activities.event_closed", subject=_subject(event), by=by, at=at, verdict=verdict, rows=[event]
    )
    return event


@transaction.atomic
def cancel_event(*, event_id: UUID, reason: str, by: User, at: datetime) -> Event:
    """Call an event off, with the reason. What already ran cannot be called off.

    Raises: PermissionDenied; EventNotMoved.
    """
    event = _lock(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    _check_move(event, EventState.CANCELLED)
    if not reason.strip():
        raise EventNotMoved(_("Say why the event is called off."), field="reason")
    event.state, event.cancelled_at, event.cancel_reason = EventState.CANCELLED, at, reason[:200]
    event.save()
    law.record(
        "activities.event_cancelled", subject=_subject(event), by=by, at=at, reason=reason, rows=[event]
    )
    return event


def terms_of(event: Event) -> str:
    """Return the SHA-256 of what is approved: time, place, people, agenda, speakers, budget."""
    terms = {
        "kind": event.kind,
        "title": event.title,
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "hospital": str(event.hospital_id or ""),
        "department": str(event.department_id or ""),
        "venue": event.venue,
        "venue_class": event.venue_class,
        "products": sorted(event.products),
        "people": event.people_planned,
        "meal": event.meal_fen_per_head,
        "sessions": [
            [item.kind, item.title, item.minutes, str(item.material_version_id or "")]
            for item in event.sessions.order_by("place")
        ],
        "speakers": sorted(str(pk) for pk in event.speakers.values_list("doctor_id", flat=True)),
        "budget": sorted([line.kind, line.estimate_fen] for line in event.budget_lines.all()),
    }
    return hashlib.sha256(json.dumps(terms, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _subject(event: Event) -> str:
    return f"event:{event.pk}"


def _lock(event_id: UUID) -> Event:
    return Event.objects.select_for_update(of=("self",)).get(pk=event_id)


def _check_move(event: Event, new: str) -> None:
    if not rules.may_move_event(old=event.state, new=new):
        raise EventNotMoved(
            _("From “%(old)s” an event cannot go to “%(new)s”.")
            % {"old": event.get_state_display(), "new": EventState(new).label}
        )


def _check_shape(plan: EventPlan) -> None:
    if plan.ends_at <= plan.starts_at:
        raise EventNotPlanned(_("The event has to end after it starts."), field="ends_at")
    if not plan.sessions:
        raise EventNotPlanned(_("Write the agenda: at least one item with its minutes."), field="sessions")
    if sum(item.minutes for item in plan.sessions) > (plan.ends_at - plan.starts_at).total_seconds() // 60:
        raise EventNotPlanned(_("The agenda is longer than the event."), field="sessions")


def _write_plan(event: Event, plan: EventPlan) -> None:
    plain = asdict(plan)
    for name in ("sessions", "budget", "speaker_ids"):
        plain.pop(name)
    plain["products"] = list(plan.products)
    for name, value in plain.items():
        setattr(event, name, value)
    event.save()
    _replace_agenda(event, plan.sessions, plan.speaker_ids)
    kept = {line.kind: line for line in event.budget_lines.all()}
    for kind, estimate in plan.budget:
        line = kept.pop(kind, None) or BudgetLine(event=event, kind=kind)
        line.estimate_fen = estimate
        line.save()
    for line in kept.values():
        line.delete()


def _replace_agenda(event: Event, sessions: Sequence[SessionPlan], speaker_ids: Sequence[UUID]) -> None:
    for item in event.sessions.all():
        item.delete()
    wanted = {*speaker_ids, *(item.speaker_id for item in sessions if item.speaker_id)}
    speakers = {speaker.doctor_id: speaker for speaker in event.speakers.all()}
    for gone in set(speakers) - wanted:
        speakers.pop(gone).delete()
    for doctor_id in sorted(wanted - set(speakers)):
        speakers[doctor_id] = Speaker.objects.create(event=event, doctor_id=doctor_id)
    for place, item in enumerate(sessions, start=1):
        EventSession.objects.create(
            event=event,
            place=place,
            kind=item.kind,
            title=item.title,
            minutes=item.minutes,
            speaker=speakers[item.speaker_id] if item.speaker_id else None,
            material_version_id=item.material_version_id,
        )


def _approvers(by: User) -> list[User]:
    manager = by.line_manager
    officer = people.people_with_role("compliance").exclude(pk=by.pk).first()
    found = [person for person in (manager, officer) if person is not None and person.is_active]
    if len({person.pk for person in found}) < 2:
        raise EventNotMoved(_("An event needs a line manager and a compliance officer to approve it."))
    return found


def _next_code(at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('activities_event_code_seq')")
        return f"E-{localtime(at):%y}{cursor.fetchone()[0]:05d}"
