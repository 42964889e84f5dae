"""Plan an academic event: agenda, speakers, budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from activities import permissions
from activities.choices import EventState
from activities.models import (
    BudgetLine,
    Event,
    EventSession,
    Speaker,
)
from activities.selectors import events as reads
from compliance import actions as law
from doctors import selectors as doctor_selectors

from .parts import (
    EventNotMoved,
    EventNotPlanned,
    EventPlan,
    SessionPlan,
    ask_again_if_changed,
    locked_event,
    subject_of,
)
from .speaker_choice import lock_choices, void_choices
from .speakers import add_speaker, ask_to_verify

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


@transaction.atomic
def plan_event(*, plan: EventPlan, by: User, at: datetime) -> Event:
    """Keep a draft of an event. It binds nobody yet; the law judges it when approval is asked.

    Raises: PermissionDenied; EventNotPlanned; SpeakerNotMoved for a speaker who cannot be proposed.
    """
    if not permissions.can_plan_event(by):
        raise PermissionDenied
    _check_shape(plan)
    event = Event(
        code=_next_code(at), organiser=by, territory_id=reads.home_territory_id(by, localtime(at).date())
    )
    law.refuse_words("event.plan", _texts(plan), subject=subject_of(event), by=by, at=at)
    _write_plan(event, plan)
    proposed = [add_speaker(event, said, by=by, at=at) for said in plan.speakers]
    law.record("activities.event_planned", subject=subject_of(event), by=by, at=at, rows=[event])
    ask_to_verify(proposed, at=at)
    return event


@transaction.atomic
def change_event(*, event_id: UUID, plan: EventPlan, by: User, at: datetime, reason: str = "") -> Event:
    """Change a plan. An approved event whose terms change goes back to draft and asks again; what was asked about a
    speaker who is not on the new plan is withdrawn.

    Raises: PermissionDenied; EventNotPlanned; EventNotMoved once it has run.
    """
    asked = lock_choices(event_id)
    event = locked_event(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    if event.state not in {EventState.DRAFT, EventState.APPROVED}:
        raise EventNotMoved(_("This event can no longer be changed."))
    _check_shape(plan)
    law.refuse_words("event.plan", [*_texts(plan), reason], subject=subject_of(event), by=by, at=at)
    _write_plan(event, plan)
    gone = set(asked) - set(event.speakers.values_list("pk", flat=True))
    void_choices(gone, reason=_("The speaker was taken off the plan."), by=by, at=at)
    proposed = [add_speaker(event, said, by=by, at=at) for said in plan.speakers]
    ask_again_if_changed(event)
    law.record(
        "activities.event_changed", subject=subject_of(event), by=by, at=at, reason=reason, rows=[event]
    )
    ask_to_verify(proposed, at=at)
    return event


def _check_shape(plan: EventPlan) -> None:
    if plan.ends_at <= plan.starts_at:
        raise EventNotPlanned(_("The event has to end after it starts."), field="ends_at")
    if not plan.sessions:
        raise EventNotPlanned(_("Write the agenda: at least one item with its minutes."), field="sessions")
    if sum(item.minutes for item in plan.sessions) > (plan.ends_at - plan.starts_at).total_seconds() // 60:
        raise EventNotPlanned(_("The agenda is longer than the event."), field="sessions")


def _texts(plan: EventPlan) -> list[str]:
    return [
        plan.title, plan.need, plan.topic, plan.venue, plan.repeat_reason, *(item.title for item in plan.sessions)
    ]  # fmt: skip


def _write_plan(event: Event, plan: EventPlan) -> None:
    plain = asdict(plan)
    for name in ("sessions", "budget", "speaker_ids", "speakers"):
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
    for former in event.sessions.all():
        former.delete()
    wanted = {*speaker_ids, *(item.speaker_id for item in sessions if item.speaker_id)}
    speakers = {speaker.doctor_id: speaker for speaker in event.speakers.all()}
    for gone in set(speakers) - wanted:
        speakers.pop(gone).delete()
    if doctor_selectors.unverified_among(wanted - set(speakers)):
        raise EventNotMoved(_("A doctor whose record is not verified yet cannot speak."), field="speakers")
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


def _next_code(at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('activities_event_code_seq')")
        return f"E-{localtime(at):%y}{cursor.fetchone()[0]:05d}"
