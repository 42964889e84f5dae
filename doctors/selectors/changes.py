"""Proposed corrections of doctors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson
from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from doctors.choices import (
    ChangeState,
    Channel,
    DoctorLanguage,
    DoctorStatus,
    GuidelineRole,
    Post,
    PostLevel,
    Title,
)
from doctors.models import ChangeAttachment, ChangeRequest
from doctors.rules import works
from doctors.selectors.cards import DoctorCard, doctor_cards, label_of
from doctors.selectors.privacy import open_text
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User

FIELD_WORDS = {
    "name": _("Name"),
    "title": pgettext_lazy("physician", "Title"),
    "post": _("Post"),
    "specialty": _("Specialty"),
    "status": _("State"),
    "department_name": _("Department"),
    "channel": _("Preferred channel"),
    "language": _("Preferred language"),
    "publication": _("Publication"),
    "guideline": _("Guideline work"),
}
CHOICES: dict[str, type[TextChoices]] = {
    "title": Title,
    "post": Post,
    "status": DoctorStatus,
    "channel": Channel,
    "language": DoctorLanguage,
}

LISTED: dict[str, type[TextChoices]] = {"role": GuidelineRole, "level": PostLevel}


@dataclass(frozen=True)
class Line:
    """One field of a proposal: what is wanted, and what was decided about it."""

    field: str
    label: str
    value: str
    is_taken: bool | None
    reason: str


@dataclass(frozen=True)
class ProposedChange:
    """One proposal, readable. `same` are doctors a new one may be, for who decides."""

    id: UUID
    kind: str
    kind_label: str
    card: DoctorCard | None
    lines: list[Line]
    note: str
    attachments: list[UUID]
    asked_by: str
    asked_by_id: UUID
    asked_at: datetime
    due_on: date
    state: str
    state_label: str
    answer: str
    decided_by: str


def change_requests_visible_to(user: User) -> QuerySet[ChangeRequest]:
    """Return the requests a person may see: stewards and overseers all, others their own."""
    requests = ChangeRequest.objects.select_related("asked_by", "decided_by")
    if user.has_role(Role.STEWARD, Role.COMPLIANCE, Role.INSPECTOR):
        return requests
    return requests.filter(asked_by=user)


def proposed(requests: list[ChangeRequest]) -> list[ProposedChange]:
    """Return requests with their words opened. Cost: two queries, and one for each request."""
    cards = doctor_cards([request.doctor_id for request in requests])
    files: dict[UUID, list[UUID]] = {}
    for request_id, pk in ChangeAttachment.objects.filter(request__in=requests).values_list(
        "request_id", "pk"
    ):
        files.setdefault(request_id, []).append(pk)
    return [
        ProposedChange(
            request.pk,
            request.kind,
            str(request.get_kind_display()),
            cards.get(request.doctor_id),
            [_line(request, name, value) for name, value in opened.items() if name != "note"],
            opened.get("note", ""),
            files.get(request.pk, []),
            str(request.asked_by),
            request.asked_by_id,
            request.asked_at,
            request.due_on,
            request.state,
            str(ChangeState(request.state).label),
            request.answer,
            str(request.decided_by or ""),
        )
        for request in requests
        for opened in [words_of(request)]
    ]


def attachment_visible_to(user: User, attachment_id: UUID) -> ChangeAttachment | None:
    """Return a file of a proposal a person may see, or None."""
    return (
        ChangeAttachment.objects.select_related("file", "request")
        .filter(pk=attachment_id, request__in=change_requests_visible_to(user))
        .first()
    )


def overdue_changes(user: User, on: date) -> int:
    """Return how many proposals a person may decide are past their day. Cost: one query by index."""
    return change_requests_visible_to(user).filter(state=ChangeState.OPEN, due_on__lt=on).count()


def _line(request: ChangeRequest, name: str, value: str) -> Line:
    choices = CHOICES.get(name)
    shown = label_of(choices, value) if choices and value in choices.values else value
    if name in works.PARTS:
        parts = works.unpacked(name, value)
        parts |= {
            key: label_of(one, parts[key]) for key, one in LISTED.items() if parts.get(key) in one.values
        }
        shown = " · ".join(filter(None, parts.values()))
    said = request.decisions.get(name, {})
    return Line(name, str(FIELD_WORDS.get(name, name)), shown, said.get("taken"), said.get("reason", ""))


def words_of(request: ChangeRequest) -> dict[str, str]:
    """Return what a request wants changed; empty once the person was erased."""
    text = open_text(request.doctor_id, request.sealed)
    return dict(orjson.loads(text)) if text else {}
