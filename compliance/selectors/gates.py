"""What would stop a person's field work now, by rule; and what is on record about their integrity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.timezone import localtime

from compliance.choices import DutyState, LetterTextState
from compliance.evaluate import Refusal, evaluate
from compliance.facts import StaffFacts
from compliance.models import BriberyCheck, BriberyListEntry, Commitment, LetterText, TrainingDuty

from .qualification import Standing, standings_of
from .rulebook import live_book


@dataclass(frozen=True)
class StaffRecord:
    """A person's gates, duties, checks and letters for their page."""

    refusals: tuple[Refusal, ...]
    duties: tuple[TrainingDuty, ...]
    checks: tuple[BriberyCheck, ...]
    hits: dict[UUID, BriberyListEntry]
    letter_in_force: LetterText | None


def staff_facts(standing: Standing) -> StaffFacts:
    """Return a person's standing as the law's facts about beginning field work."""
    return StaffFacts(
        role="rep",
        employed=standing.employed,
        contract=standing.contract,
        filed=standing.filed,
        degree_proven=standing.degree_proven,
        training_missing=standing.training_missing,
        commitment_signed=standing.commitment_signed,
        bribery_checked=standing.bribery_checked,
        bribery_found=standing.bribery_found,
        bribery_check_overdue=standing.bribery_check_overdue,
    )


def gates_of(person: Any, at: datetime) -> tuple[Refusal, ...]:
    """Return every rule that a person's field work would meet now, with what to do. Nothing is recorded.

    Cost: one look at the standing and one at the book.
    """
    standing = standings_of([person.pk], "visit.plan", None, at)[person.pk]
    on = localtime(at).date()
    verdict = evaluate("staff.activate", staff_facts(standing), on=on, book=live_book(at))
    return verdict.refusals


def record_of(person: Any, at: datetime) -> StaffRecord:
    """Return what a person's page shows beside their file. Cost: a fixed number of queries."""
    checks = tuple(
        BriberyCheck.objects.filter(user=person)
        .select_related("checked_by", "reviewed_by", "evidence")
        .order_by("-checked_on", "-pk")
    )
    hits = BriberyListEntry.objects.in_bulk([key for check in checks for key in check.hits])
    return StaffRecord(
        refusals=gates_of(person, at) if person.has_role("rep") else (),
        duties=tuple(
            TrainingDuty.objects.filter(user=person, state=DutyState.OPEN)
            .select_related("course")
            .order_by("due_on")
        ),
        checks=checks,
        hits=hits,
        letter_in_force=letter_in_force(),
    )


def letter_in_force() -> LetterText | None:
    return LetterText.objects.filter(state=LetterTextState.PUBLISHED).first()


def commitments_of(person: Any) -> QuerySet[Commitment]:
    """Return a person's letters, newest first."""
    return (
        Commitment.objects.filter(user=person)
        .select_related("text", "signature")
        .order_by("-valid_from", "-pk")
    )


def letter_texts() -> QuerySet[LetterText]:
    return LetterText.objects.select_related("drafted_by", "published_by").order_by("-number")


def list_entries(q: str = "") -> QuerySet[BriberyListEntry]:
    """Return lines of the lists whose person or company holds the words."""
    rows = BriberyListEntry.objects.select_related("added_by")
    if not q:
        return rows
    return rows.filter(person__icontains=q) | rows.filter(company__icontains=q)
