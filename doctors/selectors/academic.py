"""What a doctor has published and helped to write, how they wish to be reached, and which by-lines wait for a decision."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doctors.choices import Channel, DatePrecision, DoctorLanguage, ProposalState
from doctors.models import AcademicPost, AuthorProposal, Authorship, GuidelineWork, Preference, Publication
from doctors.rules import authors as reasoning
from doctors.selectors.cards import DoctorCard, doctor_cards
from doctors.selectors.families import family_of, records_of
from doctors.selectors.privacy import open_text

SHAPES = {DatePrecision.YEAR: "%Y", DatePrecision.MONTH: "%Y-%m", DatePrecision.DAY: "%Y-%m-%d"}
REASONS = {
    reasoning.NAME: gettext_lazy("the same name in characters"),
    reasoning.SOUND: gettext_lazy("the same name in sounds"),
    reasoning.HOSPITAL: gettext_lazy("the by-line names the hospital"),
    reasoning.DEPARTMENT: gettext_lazy("the by-line names the department"),
    reasoning.COLLEAGUE: gettext_lazy("an attached author works at the same hospital"),
}


@dataclass(frozen=True)
class PaperLine:
    """A publication of one doctor."""

    id: UUID
    authorship_id: UUID
    title: str
    journal: str
    day: str
    pmid: str
    doi: str
    position: int
    authors_total: int
    is_corresponding: bool
    is_retracted: bool
    coauthors: int

    @property
    def place(self) -> str:
        """Return the place among the authors in words."""
        words = (
            _("author %(place)d of %(total)d") % {"place": self.position, "total": self.authors_total}
            if self.authors_total
            else _("author %(place)d") % {"place": self.position}
        )
        return f"{words}, {_('corresponding')}" if self.is_corresponding else words


@dataclass(frozen=True)
class Academic:
    """All that is on record. `preference` None: not said."""

    papers: list[PaperLine]
    guidelines: list[GuidelineWork]
    seats: list[AcademicPost]
    preference: Preference | None


@dataclass(frozen=True)
class AuthorChoice:
    """A proposed author, readable: what the by-line says, who may be meant, and why."""

    id: UUID
    publication: Publication
    position: int
    name: str
    affiliation: str
    card: DoctorCard | None
    reasons: list[str]
    by_name_alone: bool


def academic_of(doctor_id: UUID) -> Academic:
    """Return publications, guideline work, seats and preference of a doctor and all records merged. Cost: six queries."""
    family = family_of(doctor_id)
    held = list(
        Authorship.objects.filter(doctor_id__in=family, ended_at=None)
        .select_related("publication")
        .order_by("-publication__published_on", "pk")
    )
    others: dict[UUID, set[UUID]] = {}
    rows = Authorship.objects.filter(publication__in=[one.publication_id for one in held], ended_at=None)
    for publication, doctor in rows.exclude(doctor_id__in=family).values_list("publication_id", "doctor_id"):
        others.setdefault(publication, set()).add(doctor)
    return Academic(
        papers=[_line(one, len(others.get(one.publication_id, ()))) for one in held],
        guidelines=list(
            GuidelineWork.objects.filter(doctor_id__in=family, ended_at=None).order_by("-year", "title", "pk")
        ),
        seats=list(
            AcademicPost.objects.filter(doctor_id__in=family, valid_until=None).order_by("organisation", "pk")
        ),
        preference=Preference.objects.filter(doctor_id__in=family, valid_until=None).order_by("-pk").first(),
    )


def preference_of(doctor_id: UUID | str) -> Preference | None:
    """Return how a doctor likes to be reached, or None where they did not say. Cost: one query."""
    return (
        Preference.objects.filter(doctor_id__in=records_of(doctor_id), valid_until=None)
        .order_by("-pk")
        .first()
    )


def language_for(doctor_id: UUID | str) -> str | None:
    """Return the language a doctor is written to in, or None where they did not say. Cost: one query."""
    held = preference_of(doctor_id)
    return held.language or None if held else None


def channels_in_order(preferred: str, allowed: Collection[str]) -> list[str]:
    """Return the allowed channels, the preferred one first. What consent does not allow is never added."""
    return sorted(allowed, key=lambda one: one != preferred)


def day_in_words(day: date, precision: str) -> str:
    """Return a day as exactly as it is known."""
    return day.strftime(SHAPES[DatePrecision(precision)])


def open_proposals() -> QuerySet[AuthorProposal]:
    """Return the proposed authors nobody decided on yet."""
    return AuthorProposal.objects.filter(state=ProposalState.OPEN).select_related("publication")


def author_choices(proposals: Iterable[AuthorProposal]) -> list[AuthorChoice]:
    """Return proposals with their by-line opened. Cost: one query for the cards, and one for each proposal's key."""
    rows = list(proposals)
    cards = doctor_cards([row.doctor_id for row in rows])
    return [
        AuthorChoice(
            row.pk,
            row.publication,
            row.position,
            said.get("name", ""),
            said.get("affiliation", ""),
            cards.get(row.doctor_id),
            [str(REASONS[code]) for code in row.reasons if code in REASONS],
            reasoning.rests_on_name_alone(row.reasons),
        )
        for row in rows
        for said in [_opened(row)]
    ]


def publications_listed(words: str = "") -> QuerySet[Publication]:
    """Return publications, those with these words in title or journal, or of this PMID or DOI."""
    rows = Publication.objects.all()
    text = words.strip()
    if not text:
        return rows
    return rows.filter(
        Q(title__icontains=text) | Q(journal__icontains=text) | Q(pmid=text) | Q(doi=text.lower())
    )


def authors_of(publication_id: UUID) -> list[tuple[Authorship, DoctorCard | None]]:
    """Return the doctors attached to a publication, in the order of the by-line. Cost: two queries."""
    held = list(Authorship.objects.filter(publication=publication_id, ended_at=None).order_by("position"))
    cards = doctor_cards([one.doctor_id for one in held])
    return [(one, cards.get(one.doctor_id)) for one in held]


def preference_words(channel: str, language: str) -> list[str]:
    """Return a preference in words."""
    return [
        *([str(Channel(channel).label)] if channel else []),
        *([str(DoctorLanguage(language).label)] if language else []),
    ]


def _line(one: Authorship, coauthors: int) -> PaperLine:
    paper = one.publication
    return PaperLine(
        paper.pk,
        one.pk,
        paper.title,
        paper.journal,
        day_in_words(paper.published_on, paper.date_precision),
        paper.pmid,
        paper.doi,
        one.position,
        paper.authors_total,
        one.is_corresponding,
        paper.is_retracted,
        coauthors,
    )


def _opened(row: AuthorProposal) -> dict[str, Any]:
    text = open_text(row.doctor_id, row.sealed)
    return dict(orjson.loads(text)) if text else {}
