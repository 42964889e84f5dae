"""What a person reports: frozen shapes that pages, the phone's log, REST and imports all build."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from activities.choices import (
    AdverseAnswer,
    Channel,
    Place,
    Purpose,
    SafetyKind,
    Seriousness,
)
from pharmacrm.common.ids import uuid7


@dataclass(frozen=True)
class Talk:
    """A product talked about, the approved message, and how the doctor took it."""

    product_id: UUID
    claim_id: UUID | None = None
    reaction: str = ""


@dataclass(frozen=True)
class PageView:
    """One page of a shown material. Units: milliseconds on the screen."""

    page: int
    dwell_ms: int


@dataclass(frozen=True)
class Shown:
    """A version shown, with its pages; `showing_id` is set when the showing was already recorded."""

    version_id: UUID
    shown_at: datetime
    pages: tuple[PageView, ...] = ()
    showing_id: UUID | None = None


@dataclass(frozen=True)
class Promise:
    """Something promised to the doctor, by a day."""

    text: str
    due_on: date


@dataclass(frozen=True)
class VisitPlan:
    """A visit somebody wants to make."""

    doctor_id: UUID
    planned_at: datetime
    visit_id: UUID | None = None
    hospital_id: UUID | None = None  # None: the doctor's own
    department_id: UUID | None = None
    channel: str = Channel.FACE_TO_FACE
    purpose: str = Purpose.DELIVER_INFORMATION
    place: str = Place.RECEPTION_ROOM
    product_ids: tuple[UUID, ...] = ()
    material_ids: tuple[UUID, ...] = ()  # versions to be shown
    attendee_ids: tuple[UUID, ...] = ()
    op_id: UUID | None = None


@dataclass(frozen=True)
class VisitReport:
    """A visit somebody made. `visit_id` is made where it is first written; `op_id` is the operation it came by."""

    visit_id: UUID
    doctor_id: UUID
    started_at: datetime
    ended_at: datetime
    ae_answer: str = AdverseAnswer.UNASKED
    hospital_id: UUID | None = None
    department_id: UUID | None = None
    channel: str = Channel.FACE_TO_FACE
    purpose: str = Purpose.DELIVER_INFORMATION
    place: str = Place.RECEPTION_ROOM
    device_saved_at: datetime | None = None
    talks: tuple[Talk, ...] = ()
    shown: tuple[Shown, ...] = ()
    needs: tuple[str, ...] = ()
    follow_up: Promise | None = None
    note: str = ""
    late_reason: str = ""
    attendee_ids: tuple[UUID, ...] = ()
    was_offline: bool = False
    is_clock_unproven: bool = False
    op_id: UUID | None = None


@dataclass(frozen=True)
class SafetyWords:
    """What was heard of harm after a medicine. Everything here goes into the vault, unread by the law's rules."""

    event: str = ""
    product: str = ""
    patient: str = ""  # initials, age or sex: enough to know that a person exists, never a name
    reporter: str = ""
    onset: str = ""
    outcome: str = ""


@dataclass(frozen=True)
class SafetyNotice:
    """A report of a suspected adverse event, as first heard."""

    words: SafetyWords
    aware_at: datetime
    kind: str = SafetyKind.ADVERSE_EVENT
    seriousness: str = Seriousness.UNKNOWN
    doctor_id: UUID | None = None
    product_id: UUID | None = None
    visit_id: UUID | None = None
    is_clock_unproven: bool = False
    op_id: UUID | None = None


@dataclass(frozen=True)
class Question:
    """A doctor's own question for medical."""

    doctor_id: UUID
    text: str
    product_id: UUID | None = None
    visit_id: UUID | None = None
    is_unsolicited: bool = True
    op_id: UUID | None = None


def new_key() -> UUID:
    """Return a key for a row whose maker is the server."""
    return uuid7()
