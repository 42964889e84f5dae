"""Run an academic event: invite, open, sign in, end, call off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from activities import permissions
from activities.choices import AttendanceMethod, EventState
from activities.models import (
    Attendance,
    Event,
    Invitation,
)
from activities.selectors import events as reads
from compliance import actions as law
from compliance.choices import Grade
from doctors import actions as doctor_actions
from doctors import selectors as doctor_selectors
from pharmacrm.common.errors import Refused

from .approving import FLOW as EVENT
from .parts import EventNotMoved, NotSignedIn, check_move, locked_event, subject_of, terms_of
from .speaker_choice import lock_choices, void_choices

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


@transaction.atomic
def invite_doctors(*, event_id: UUID, doctor_ids: Iterable[UUID], by: User, at: datetime) -> int:
    """Invite doctors the person may see, each by the channel they prefer; who is invited already is left alone.

    Returns: how many are new.

    Raises: PermissionDenied; EventNotMoved before approval; Refused with the verdict.
    """
    event = locked_event(event_id)
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
    if doctor_selectors.unverified_among(wanted):
        raise EventNotMoved(
            _("A doctor whose record is not verified yet cannot be invited."), field="doctors"
        )
    facts = reads.event_facts(event, at=at)
    stopped = doctor_selectors.stopped_among(wanted, channel="event", at=at, products=event.products)
    facts = replace(
        facts,
        doctors_stopped=tuple(str(pk) for pk in sorted(stopped)),
        subjects=(*facts.subjects, *(f"doctor:{pk}" for pk in sorted(wanted))),
    )
    verdict = law.judge("event.invite", facts, subject=subject_of(event), by=by, at=at)
    have = set(
        Invitation.objects.filter(event=event, doctor_id__in=wanted).values_list("doctor_id", flat=True)
    )
    ways = doctor_selectors.ways_to(wanted - have, at=at)
    fresh = [
        Invitation.objects.create(event=event, doctor_id=pk, channel=ways.get(pk, ""))
        for pk in sorted(wanted - have)
    ]
    if fresh:
        law.record(
            "activities.doctors_invited", subject=subject_of(event), by=by, at=at, verdict=verdict, rows=fresh
        )
    return len(fresh)


@transaction.atomic
def start_event(*, event_id: UUID, by: User, at: datetime) -> Event:
    """Open the event at its place: from now on doctors may sign in.

    Raises: PermissionDenied; EventNotMoved; Refused with the verdict.
    """
    event = locked_event(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    check_move(event, EventState.RUNNING)
    if terms_of(event) != event.approved_terms:
        raise EventNotMoved(_("The plan differs from what was approved. Ask for approval again."))
    verdict = law.judge(
        "event.start", reads.event_facts(event, at=at), subject=subject_of(event), by=by, at=at
    )
    event.state, event.started_at = EventState.RUNNING, at
    event.save()
    law.record(
        "activities.event_started", subject=subject_of(event), by=by, at=at, verdict=verdict, rows=[event]
    )
    return event


@transaction.atomic
def sign_in_doctor(
    *, event_id: UUID, doctor_id: UUID, method: str, by: User | None, at: datetime
) -> tuple[Attendance, bool]:
    """Sign a doctor in, once. `by` is None when the doctor did it from the code at the place.

    What the paper sheet says happened: it is stored, and marked where the law was broken. The door at the place shuts
    instead. Returns: the attendance, and whether it is new. Raises: PermissionDenied, also for a doctor out of the
    person's sight; NotSignedIn when nothing runs; Refused with the verdict at the door. Cost: one row lock on the event.
    """
    event = locked_event(event_id)
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
        facts = reads.sign_in_facts(event, doctor_id, at_the_door=by is None)
        verdict = law.judge("event.sign_in", facts, subject=subject_of(event), by=by, at=at)
        if verdict.breached and by is None:
            raise Refused(verdict)
        law.record(
            "activities.doctor_signed_in",
            subject=subject_of(event),
            by=by,
            at=at,
            verdict=verdict,
            rows=[attendance],
        )
        if verdict.breached:
            _open_finding(event, verdict.breached, at)
        doctor_actions.record_interaction(
            doctor_id=doctor_id,
            kind="event_attended",
            channel="event",
            subject=subject_of(event),
            by=by or event.organiser,
            at=at,
        )
    return attendance, is_new


def _open_finding(event: Event, breached: list[str], at: datetime) -> None:
    """Put an event that went on against the law before the officers, once."""
    words = {
        "zh": f"活动 {event.code} 违规继续签到：{'、'.join(breached)}",
        "en": f"Event {event.code} went on signing in against the law: {', '.join(breached)}",
    }
    law.open_finding(
        kind="event_in_breach",
        subject=subject_of(event),
        rule=breached[0],
        grade=Grade.BAN,
        evidence={"text": words},
        at=at,
        due_at=at + timedelta(days=1),
        mark=f"event_went_on:{event.pk}",
    )


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
def end_event(*, event_id: UUID, by: User, at: datetime) -> Event:
    """End the event at its place: sign-in closes, proof is checked.

    Raises: PermissionDenied; EventNotMoved.
    """
    event = locked_event(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    check_move(event, EventState.PROOF)
    event.state, event.executed_at = EventState.PROOF, at
    event.save()
    law.record("activities.event_ended", subject=subject_of(event), by=by, at=at, rows=[event])
    return event


@transaction.atomic
def cancel_event(*, event_id: UUID, reason: str, by: User, at: datetime) -> Event:
    """Call an event off, with the reason. What already ran cannot be called off.

    What was asked about the event and about its speakers is withdrawn.

    Raises: PermissionDenied; EventNotMoved.
    """
    law.lock_request(EVENT, f"event:{event_id}")
    asked = lock_choices(event_id)
    event = locked_event(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    check_move(event, EventState.CANCELLED)
    if not reason.strip():
        raise EventNotMoved(_("Say why the event is called off."), field="reason")
    law.refuse_words("event.cancel", [reason], subject=subject_of(event), by=by, at=at)
    event.state, event.cancelled_at, event.cancel_reason = EventState.CANCELLED, at, reason[:200]
    event.save()
    law.record(
        "activities.event_cancelled", subject=subject_of(event), by=by, at=at, reason=reason, rows=[event]
    )
    law.void_approval(flow=EVENT, subject=subject_of(event), reason=reason, by=by, at=at)
    void_choices(asked, reason=reason, by=by, at=at)
    return event
