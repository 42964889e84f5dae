"""The company's people by what they may do: who lacks what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from compliance.models import (
    Certificate,
    Commitment,
    Course,
    Employment,
    HospitalRegistration,
    LedgerEntry,
    RepFiling,
)

from .qualification import Standing, standings_of

FIELD_ROLES = ("rep",)


@dataclass(frozen=True)
class StaffLine:
    """One person with their standing and what is missing, as keys the page words."""

    person: Any
    standing: Standing
    missing: tuple[str, ...]


@dataclass(frozen=True)
class StaffFile:
    """All that is on record about one person's qualification."""

    line: StaffLine
    employments: tuple[Employment, ...]
    filings: tuple[RepFiling, ...]
    registrations: tuple[HospitalRegistration, ...]
    certificates: tuple[Certificate, ...]
    commitments: tuple[Commitment, ...]
    acts: tuple[LedgerEntry, ...]


def field_staff(q: str = "") -> QuerySet[Any]:
    """Return the active people who do field work, matching a name."""
    people = get_user_model().objects.filter(groups__name__in=FIELD_ROLES, is_active=True)
    if q:
        people = people.filter(Q(display_name__icontains=q) | Q(username__icontains=q))
    return people


def lines_of(people: list[Any], at: datetime) -> list[StaffLine]:
    """Return each person's standing for their own filed products. Cost: at most eight queries, however many people."""
    standings = standings_of([person.pk for person in people], "visit.plan", None, at)
    return [StaffLine(person, standings[person.pk], missing_of(standings[person.pk])) for person in people]


def missing_of(standing: Standing) -> tuple[str, ...]:
    """Return what keeps a person from field work, as keys."""
    lacks = {
        "employment": not standing.employed,
        "filing": not standing.filed,
        "commitment": not standing.commitment_signed,
        "training": bool(standing.training_missing),
        "degree": standing.employed and not standing.degree_proven,
        "bribery_check": standing.employed
        and (not standing.bribery_checked or standing.bribery_found or standing.bribery_check_overdue),
    }
    return tuple(name for name, lacking in lacks.items() if lacking)


def person_of(user_id: UUID) -> Any:
    """Return one person, or None."""
    return get_user_model().objects.filter(pk=user_id).first()


def file_of(person: Any, at: datetime) -> StaffFile:
    """Return all that is on record about one person. Cost: a fixed number of queries."""
    (line,) = lines_of([person], at)
    mine = {"user": person}
    return StaffFile(
        line=line,
        employments=tuple(Employment.objects.filter(**mine).order_by("-valid_from")),
        filings=tuple(RepFiling.objects.filter(**mine).prefetch_related("products").order_by("-valid_from")),
        registrations=tuple(HospitalRegistration.objects.filter(**mine).order_by("-valid_from")),
        certificates=tuple(
            Certificate.objects.filter(**mine).select_related("course").order_by("-valid_from")
        ),
        commitments=tuple(Commitment.objects.filter(**mine).order_by("-valid_from")),
        acts=tuple(
            LedgerEntry.objects.filter(subject=f"user:{person.pk}")
            .exclude(event__startswith="compliance.finding_")  # who is looked into may read this page
            .exclude(event__startswith="compliance.case_")
            .select_related("actor")
            .order_by("-at")[:20]
        ),
    )


def courses() -> QuerySet[Course]:
    return Course.objects.filter(is_retired=False).order_by("code")
