"""Privacy requests as the desk and the doctor see them, and their clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from compliance.clocks import Clock
from doctors.choices import RequestKind, RequestState
from doctors.models import PrivacyRequest
from doctors.permissions import can_see_privacy_desk
from doctors.selectors.privacy import open_text
from pharmacrm.accounts.models import User

UNDER_WAY = (RequestState.OPEN, RequestState.DECIDED)
GRANTS_COPY = (RequestKind.ACCESS, RequestKind.COPY, RequestKind.PORTABILITY)


def requests_visible_to(user: User) -> QuerySet[PrivacyRequest]:
    """Return all requests to the desk, to others those they handed in."""
    rows = PrivacyRequest.objects.select_related("doctor__identity", "taken_by", "decided_by")
    return rows if can_see_privacy_desk(user) else rows.filter(taken_by=user)


def requests_listed(
    user: User, *, at: datetime, state: str = "", kind: str = "", source: str = "", late: str = ""
) -> QuerySet[PrivacyRequest]:
    """Return the requests that fit the filters: `late` is target or overdue."""
    rows = requests_visible_to(user)
    if state == "under_way":
        rows = rows.filter(state__in=UNDER_WAY)
    elif state:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    if source:
        rows = rows.filter(source=source)
    if late == "overdue":
        rows = rows.filter(state__in=UNDER_WAY, due_at__lte=at)
    elif late == "target":
        rows = rows.filter(state__in=UNDER_WAY, target_on__lt=at.date())
    return rows


def requests_of_doctor(doctor_id: UUID) -> QuerySet[PrivacyRequest]:
    """Return a doctor's own requests, newest first."""
    return PrivacyRequest.objects.filter(doctor_id=doctor_id).order_by("-received_at", "-pk")


def words_of_request(request: PrivacyRequest) -> str:
    """Return what the doctor wrote; empty once the doctor is erased."""
    return open_text(request.doctor_id, request.words_sealed)


def letter_of_request(request: PrivacyRequest) -> str:
    """Return the letter that answered; empty before, and once the doctor is erased."""
    return open_text(request.doctor_id, request.letter_sealed)


def reason_of_request(request: PrivacyRequest) -> str:
    """Return the reason of the decision."""
    return open_text(request.doctor_id, request.reason_sealed)


def copy_granted_to(doctor_id: UUID) -> PrivacyRequest | None:
    """Return the newest request that opens a doctor's copy of their data, or None."""
    return (
        requests_of_doctor(doctor_id)
        .filter(kind__in=GRANTS_COPY, state=RequestState.CLOSED, is_granted=True)
        .first()
    )


def privacy_clocks(user: Any, at: datetime, most: int) -> list[Clock]:
    """Return the requests that run, for the desk's cockpit; they name nobody."""
    if not can_see_privacy_desk(user):
        return []
    rows = PrivacyRequest.objects.filter(state__in=UNDER_WAY).order_by("due_at")[:most]
    return [
        Clock(
            row.number,
            str(row.get_kind_display()),
            row.received_at,
            row.due_at,
            f"/doctors/requests/{row.pk}/",
        )
        for row in rows
    ]
