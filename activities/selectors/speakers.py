"""Reads about the speakers of events, and the facts an invitation is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.utils.timezone import localtime

from activities.choices import SpeakerState
from activities.facts import SpeakerFacts
from activities.models import Event, Speaker
from activities.rules import rests_on_tier_alone
from activities.selectors.events import REPEAT_WITHIN, SALES, rx_names_in, subjects_of
from compliance.choices import ApprovalState
from compliance.rules import categories_of, scan_text
from compliance.selectors import figure_on
from compliance.selectors.approvals import latest_requests
from content import selectors as content
from doctors import selectors as doctors
from doctors.selectors import DoctorCard

if TYPE_CHECKING:
    from compliance.models import ApprovalRequest

CHOICE = "activities.speaker"  # the flow by which a choice is verified
CAPS = "RD-08b"  # the rule whose figures are the company's yearly limits


@dataclass(frozen=True)
class SpeakerLine:
    """One speaker as the event's page and the phone show them."""

    speaker: Speaker
    card: DoctorCard | None
    asked: ApprovalRequest | None = None

    @property
    def waits(self) -> bool:
        """Whether the choice has a reason and waits for somebody to verify it."""
        is_open = self.asked is None or self.asked.state == ApprovalState.OPEN
        said = self.speaker.selection_reason.strip()
        return self.speaker.state == SpeakerState.PROPOSED and bool(said) and is_open

    @property
    def place(self) -> str:
        if self.speaker.institution:
            return f"{self.speaker.institution} {self.speaker.department_name}".strip()
        return f"{self.card.hospital} {self.card.department}".strip() if self.card else ""


def speaker_lines(event_ids: list[UUID]) -> dict[UUID, list[SpeakerLine]]:
    """Return the speakers by event. The caller has checked who may see the events. Cost: a fixed number of queries."""
    rows = list(
        Speaker.objects.filter(event_id__in=event_ids)
        .select_related("selection_verified_by")
        .order_by("created_at", "pk")
    )
    cards = doctors.doctor_cards({row.doctor_id for row in rows})
    asked = latest_requests(CHOICE, [engagement_of(row.pk) for row in rows])
    lines: dict[UUID, list[SpeakerLine]] = {}
    for row in rows:
        line = SpeakerLine(row, cards.get(row.doctor_id), asked.get(engagement_of(row.pk)))
        lines.setdefault(row.event_id, []).append(line)
    return lines


def engagement_of(speaker_id: UUID) -> str:
    """Return how the kernel names a doctor's talk at an event."""
    return f"engagement:{speaker_id}"


def speaker_facts(speaker: Speaker, event: Event, *, at: datetime) -> SpeakerFacts:
    """Return what the law judges an invitation by. Cost: a fixed number of queries."""
    day = localtime(event.starts_at).date()
    year = _others(speaker).filter(event__starts_at__year=day.year)
    total, same = _audience(speaker, event)
    decks = [key for key in speaker.sessions.values_list("material_version_id", flat=True) if key]
    showable, _expired = content.showable_on(decks, day)
    return SpeakerFacts(
        event_on=day.isoformat(),
        inviter_kind=speaker.inviter_kind,
        fee_payer=speaker.fee_payer,
        fee_fen=speaker.fee_fen,
        host_standard_fen=speaker.host_standard_fen,
        hospital_approved=bool(speaker.hospital_approval_number.strip() or speaker.hospital_approval_id),
        selection_verified=speaker.selection_verified_by_id is not None,
        selected_by_sales=(
            speaker.selection_verified_by is None or speaker.selection_verified_by.has_role(*SALES)
        ),
        audience_total=total,
        audience_same_department=same,
        talks_this_year=year.count(),
        talks_cap=int(figure_on(CAPS, "talks_cap", at) or 0),
        fees_this_year_fen=year.aggregate(fen=Sum("fee_fen"))["fen"] or 0,
        fees_cap_fen=int(figure_on(CAPS, "fees_cap_fen", at) or 0),
        services_this_year=year.count(),
        services_cap=int(figure_on(CAPS, "services_cap", at) or 0),
        repeats_topic_within_12_months=_repeats(speaker, event),
        repeat_reason_given=bool(event.repeat_reason.strip()),
        topic_names_product=bool(rx_names_in(speaker.topic)),
        tied_to_use=bool(categories_of(scan_text(f"{speaker.topic} {speaker.selection_reason}"))),
        automatic_choice=rests_on_tier_alone(speaker.selection_reason),
        deck_released=bool(decks) and set(decks) <= set(showable),
        subjects=(*subjects_of(event, decks), f"doctor:{speaker.doctor_id}"),
    )


def _others(speaker: Speaker) -> QuerySet[Speaker]:
    """Other talks of the same doctor that were invited to and not called off."""
    talks = Speaker.objects.filter(doctor_id=speaker.doctor_id, state=SpeakerState.INVITED)
    return talks.exclude(pk=speaker.pk).exclude(event__state="cancelled")


def _repeats(speaker: Speaker, event: Event) -> bool:
    since = event.starts_at - REPEAT_WITHIN
    near = _others(speaker).filter(
        event__starts_at__gt=since, event__starts_at__lt=event.starts_at + timedelta(1)
    )
    return near.filter(topic__iexact=speaker.topic.strip()).exists()


def _audience(speaker: Speaker, event: Event) -> tuple[int, int]:
    """How many listen, and how many of them work in the speaker's department.

    Before invitations, a meeting in a department counts as a meeting of that department.
    """
    card = doctors.doctor_card(speaker.doctor_id)
    if card is None or card.hospital_id is None:
        own = bool(
            event.hospital
            and event.department
            and speaker.institution.strip() == event.hospital.name
            and speaker.department_name.strip() == event.department.name
        )
        return event.people_planned, event.people_planned if own else 0
    invited = doctors.doctor_cards(event.invitations.values_list("doctor_id", flat=True))
    if invited:
        own_people = [
            each
            for each in invited.values()
            if each.hospital_id == card.hospital_id and each.department_id == card.department_id
        ]
        return max(event.people_planned, len(invited)), len(own_people)
    own = card.hospital_id == event.hospital_id and (
        event.department_id is None or card.department_id == event.department_id
    )
    return event.people_planned, event.people_planned if own else 0
