"""Speakers of an event: proposed by its organiser and, once the choice is verified, invited under the law."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from activities import permissions
from activities.choices import EventState, SpeakerState
from activities.models import Event, Speaker
from activities.selectors import speakers as reads
from activities.selectors.speakers import engagement_of
from compliance import actions as law
from doctors import actions as doctor_actions
from doctors import selectors as doctor_selectors

from .parts import SpeakerNotMoved, SpeakerPlan, ask_again_if_changed, locked_event, subject_of
from .speaker_choice import FLOW, locked_speaker, put_speaker, void_choices

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

OPEN = {EventState.DRAFT, EventState.APPROVED}


@transaction.atomic
def propose_speaker(*, event_id: UUID, said: SpeakerPlan, by: User, at: datetime) -> Speaker:
    """Put a speaker on the plan. An approved event goes back to draft, since its terms have changed.

    Raises: PermissionDenied; SpeakerNotMoved for an event that has run, a speaker named twice or not at all.
    """
    event = _open_event(event_id, by)
    speaker = add_speaker(event, said, by=by, at=at)
    ask_again_if_changed(event)
    law.record(
        "activities.speaker_proposed", subject=subject_of(event), by=by, at=at, reason=said.selection_reason,
        rows=[speaker, event],
    )  # fmt: skip
    ask_to_verify([speaker], at=at)
    return speaker


def add_speaker(event: Event, said: SpeakerPlan, *, by: User, at: datetime) -> Speaker:
    """Return the new row of a proposed speaker; the event is locked or new. Raises: as `propose_speaker`."""
    if not said.topic.strip():
        raise SpeakerNotMoved(_("Say what the speaker talks about."), field="topic")
    if said.fee_fen and not said.fee_payer:
        raise SpeakerNotMoved(_("Say who pays the fee."), field="fee_payer")
    texts = [said.topic, said.institution, said.department_name, said.selection_reason]
    law.refuse_words("speaker.plan", texts, subject=subject_of(event), by=by, at=at)
    speaker = Speaker(event=event, doctor_id=_doctor_id(said, by=by, at=at), proposed_by=by)
    if Speaker.objects.filter(event=event, doctor_id=speaker.doctor_id).exists():
        raise SpeakerNotMoved(_("This speaker is on the plan already."), field="doctor")
    for name in (
        "topic", "institution", "department_name", "inviter_kind", "fee_payer", "fee_fen", "host_standard_fen",
        "hospital_approval_number", "selection_reason",
    ):  # fmt: skip
        setattr(speaker, name, getattr(said, name))
    if not speaker.fee_fen:
        speaker.fee_payer = ""
    speaker.save(force_insert=True)
    return speaker


def ask_to_verify(speakers: Iterable[Speaker], *, at: datetime) -> None:
    """Ask for the check of each choice that somebody gave a reason for; without one there is nothing to verify."""
    for speaker in speakers:
        if speaker.selection_reason.strip():
            put_speaker(speaker, at=at)


@transaction.atomic
def invite_speaker(*, speaker_id: UUID, by: User, at: datetime) -> Speaker:
    """Invite a speaker; the law is asked first.

    Raises: Speaker.DoesNotExist; PermissionDenied; SpeakerNotMoved; Refused with the verdict. Nothing has changed then.
    Source: RD-08 to RD-10, SP-01, SP-02 (lectures by doctors).
    """
    speaker, event = locked_speaker(speaker_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    if event.state not in OPEN:
        raise SpeakerNotMoved(_("Speakers are invited before the event runs."))
    if speaker.state == SpeakerState.INVITED:
        return speaker
    facts = reads.speaker_facts(speaker, event, at=at)
    verdict = law.judge("speaker.invite", facts, subject=subject_of(event), by=by, at=at)
    speaker.state, speaker.invited_at, speaker.verdict_id = SpeakerState.INVITED, at, UUID(verdict.id)
    speaker.save()
    law.record(
        "activities.speaker_invited", subject=subject_of(event), by=by, at=at, verdict=verdict, rows=[speaker]
    )
    return speaker


@transaction.atomic
def drop_speaker(*, speaker_id: UUID, by: User, at: datetime) -> None:
    """Take a speaker off the plan; what was asked about the choice is withdrawn, an approved event goes back to draft.

    Raises: Speaker.DoesNotExist; PermissionDenied; SpeakerNotMoved for an event that has run.
    """
    law.lock_request(FLOW, engagement_of(speaker_id))
    speaker, event = locked_speaker(speaker_id)
    _open_event(event.pk, by)
    void_choices([speaker_id], reason=_("The speaker was taken off the plan."), by=by, at=at)
    for session in speaker.sessions.order_by("pk"):
        session.speaker = None
        session.save()
    speaker.delete()
    event = locked_event(event.pk)
    ask_again_if_changed(event)
    law.record("activities.speaker_dropped", subject=subject_of(event), by=by, at=at, rows=[event])


def _doctor_id(said: SpeakerPlan, *, by: User, at: datetime) -> UUID:
    if said.doctor_id is not None:
        if not doctor_selectors.can_see(by, said.doctor_id, localtime(at).date()):
            raise PermissionDenied
        return said.doctor_id
    if not (said.name.strip() and said.institution.strip() and said.department_name.strip()):
        raise SpeakerNotMoved(
            _("Choose a doctor, or give name, institution and department of a speaker from elsewhere."),
            field="doctor",
        )
    return doctor_actions.note_outside_doctor(name=said.name, by=by, at=at).pk


def _open_event(event_id: UUID, by: User) -> Event:
    event = locked_event(event_id)
    if not permissions.can_run_event(by, event):
        raise PermissionDenied
    if event.state not in OPEN:
        raise SpeakerNotMoved(_("Speakers can be changed before approval is asked, or once it is given."))
    return event
