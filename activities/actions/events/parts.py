"""What every act on an academic event shares: its refusals, its plan, its terms, its lock."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from activities import rules
from activities.choices import EventState
from activities.models import Event, Speaker
from pharmacrm.common.errors import DomainError

if TYPE_CHECKING:
    pass


class EventNotPlanned(DomainError):
    """The plan cannot be kept as it is; nothing has changed."""

    code = "event_not_planned"


class EventNotMoved(DomainError):
    """The event is not at the step this act belongs to; nothing has changed."""

    code = "event_not_moved"


class NotSignedIn(DomainError):
    """Nobody was signed in; nothing has changed."""

    code = "not_signed_in"


class SpeakerNotMoved(DomainError):
    """The speaker was not proposed, verified, invited or dropped; nothing has changed."""

    code = "speaker_not_moved"


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
class SpeakerPlan:
    """Who is to speak: a doctor on file, or somebody from elsewhere by name and place. Money is whole fen."""

    topic: str
    doctor_id: UUID | None = None
    name: str = ""  # of who is not on file
    institution: str = ""
    department_name: str = ""
    inviter_kind: str = "hospital"
    fee_payer: str = ""
    fee_fen: int = 0
    host_standard_fen: int = 0
    hospital_approval_number: str = ""
    selection_reason: str = ""


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
    speakers: tuple[SpeakerPlan, ...] = ()


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
        "speakers": sorted(_speaker_terms(speaker) for speaker in event.speakers.all()),
        "budget": sorted([line.kind, line.estimate_fen] for line in event.budget_lines.all()),
    }
    return hashlib.sha256(json.dumps(terms, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _speaker_terms(speaker: Speaker) -> str:
    said = (speaker.topic, str(speaker.fee_fen or ""), speaker.fee_payer)
    return "|".join((str(speaker.doctor_id), *said)) if any(said) else str(speaker.doctor_id)


def subject_of(event: Event) -> str:
    """Return how the ledger names an event."""
    return f"event:{event.pk}"


def locked_event(event_id: UUID) -> Event:
    """Return an event, locked until the transaction ends."""
    return Event.objects.select_for_update(of=("self",)).get(pk=event_id)


def ask_again_if_changed(event: Event) -> None:
    """Send an approved event whose terms have changed back to draft."""
    if event.state == EventState.APPROVED and terms_of(event) != event.approved_terms:
        event.state = EventState.DRAFT
        event.save()


def check_move(event: Event, new: str) -> None:
    """Raises: EventNotMoved when the step is not a legal one."""
    if not rules.may_move_event(old=event.state, new=new):
        raise EventNotMoved(
            _("From “%(old)s” an event cannot go to “%(new)s”.")
            % {"old": event.get_state_display(), "new": EventState(new).label}
        )
