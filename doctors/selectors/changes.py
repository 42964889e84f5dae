"""Proposed corrections of doctors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson
from django.db.models import QuerySet

from doctors.choices import ChangeState
from doctors.models import ChangeRequest
from doctors.selectors.cards import DoctorCard, doctor_cards
from doctors.selectors.privacy import open_text
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User


@dataclass(frozen=True)
class ProposedChange:
    """One proposed correction, readable."""

    id: UUID
    card: DoctorCard | None
    wanted: dict[str, str]
    note: str
    asked_by: str
    asked_at: datetime
    due_on: date
    state: str
    state_label: str
    answer: str


def change_requests_visible_to(user: User) -> QuerySet[ChangeRequest]:
    """Return the requests a person may see: stewards and overseers all, others their own."""
    requests = ChangeRequest.objects.select_related("asked_by", "decided_by")
    if user.has_role(Role.STEWARD, Role.COMPLIANCE, Role.INSPECTOR):
        return requests
    return requests.filter(asked_by=user)


def proposed(requests: list[ChangeRequest]) -> list[ProposedChange]:
    """Return requests with their words opened. Cost: one query, and one for each request."""
    cards = doctor_cards([request.doctor_id for request in requests])
    return [
        ProposedChange(
            request.pk,
            cards.get(request.doctor_id),
            {name: value for name, value in opened.items() if name != "note"},
            opened.get("note", ""),
            str(request.asked_by),
            request.asked_at,
            request.due_on,
            request.state,
            str(ChangeState(request.state).label),
            request.answer,
        )
        for request in requests
        for opened in [words_of(request)]
    ]


def words_of(request: ChangeRequest) -> dict[str, str]:
    """Return what a request wants changed; empty once the person was erased."""
    text = open_text(request.doctor_id, request.sealed)
    return dict(orjson.loads(text)) if text else {}
