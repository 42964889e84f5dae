"""One doctor's page: affiliations, posts, roles, interests, contacts, consents, last contacts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from doctors.choices import Channel, InteractionKind
from doctors.models import AcademicPost, Affiliation, ConsentPurpose, Interaction, Interest
from doctors.rules import consents as lattice
from doctors.selectors.consents import CONTACT_PURPOSE, answers_of
from doctors.selectors.contacts import ContactLine, contacts_of
from doctors.selectors.families import family_of
from doctors.selectors.lists import stakeholder_labels

ASKED_CHANNELS = (Channel.WECOM, Channel.WECHAT, Channel.EMAIL, Channel.PHONE, Channel.SMS, Channel.VISIT)
LAST_CONTACTS = 20


@dataclass(frozen=True)
class ConsentRow:
    """What holds for one channel for academic contact."""

    channel: str
    label: str
    state: str
    since: datetime | None

    @property
    def is_on(self) -> bool:
        return self.state == lattice.GIVEN

    @property
    def is_never(self) -> bool:
        return self.state == lattice.NEVER


@dataclass(frozen=True)
class Profile:
    """All a doctor's page shows besides the card. Cost to build: ten queries."""

    affiliations: list[Affiliation]
    academic_posts: list[AcademicPost]
    interests: list[Interest]
    roles: list[str]
    contacts: list[ContactLine]
    consents: list[ConsentRow]
    profiling: str
    purposes: list[ConsentPurpose]
    last_contacts: list[Any]


def profile_of(doctor_id: UUID, at: datetime, on: date) -> Profile:
    """Return a doctor's profile. The caller has checked who may see it. Cost: ten queries."""
    family = family_of(doctor_id)
    answers = answers_of([doctor_id]).get(doctor_id, [])
    return Profile(
        affiliations=list(
            Affiliation.objects.filter(
                Q(valid_until__isnull=True) | Q(valid_until__gt=on), doctor_id__in=family
            )
            .select_related("hospital", "department")
            .order_by("-is_primary", "valid_from")
        ),
        academic_posts=list(
            AcademicPost.objects.filter(
                Q(valid_until__isnull=True) | Q(valid_until__gt=on), doctor_id__in=family
            ).order_by("level", "organisation")
        ),
        interests=list(
            Interest.objects.filter(doctor_id__in=family, is_active=True).order_by("kind", "name")
        ),
        roles=list(
            dict.fromkeys(label for labels in stakeholder_labels(family, on).values() for label in labels)
        ),
        contacts=contacts_of(family),
        consents=[_row(answers, channel, at) for channel in ASKED_CHANNELS],
        profiling=lattice.resolve(answers, channel="", purpose="profiling", at=at).state,
        purposes=list(ConsentPurpose.objects.filter(is_active=True)),
        last_contacts=[
            {
                "act": f"{InteractionKind(row.kind).label}",
                "detail": str(Channel(row.channel).label),
                "at": row.at,
                "by": str(row.by or ""),
            }
            for row in Interaction.objects.filter(doctor_id__in=family, weight__gt=0)
            .select_related("by")
            .order_by("-at", "-pk")[:LAST_CONTACTS]
        ],
    )


def _row(answers: list[lattice.Answer], channel: Channel, at: datetime) -> ConsentRow:
    held = lattice.resolve(answers, channel=str(channel), purpose=CONTACT_PURPOSE, at=at)
    return ConsentRow(str(channel.value), str(channel.label), held.state, held.since)
