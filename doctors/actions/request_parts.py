"""What every step of a privacy request shares: its facts, its letter, its lock and its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from compliance.rules.working_days import working_days_between
from doctors import permissions
from doctors.actions.doctors import seal_text
from doctors.facts import RequestFacts
from doctors.models import PrivacyRequest
from doctors.selectors.letters import letter_of
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError


class RequestNotMoved(DomainError):
    """The request is not in a state that allows this; nothing has changed."""

    code = "request_not_moved"


@dataclass(frozen=True)
class Answer:
    """What the desk decides: yes or no, why, and for a correction what is to be corrected."""

    is_granted: bool
    reason: str = ""
    wanted: dict[str, str] = field(default_factory=dict)


def facts_of(request: PrivacyRequest, answer: Answer, at: datetime, *, second: bool = False) -> RequestFacts:
    """Return what the law judges an answer by."""
    received, today = localtime(request.received_at).date(), localtime(at).date()
    return RequestFacts(
        kind=request.kind,
        granted=answer.is_granted,
        has_reason=bool(answer.reason.strip()),
        identity_confirmed=bool(request.identity),
        days_open=(today - received).days,
        working_days_open=working_days_between(received, today),
        second_person=second,
        subjects=(f"doctor:{request.doctor_id}",),
    )


def write_letter(request: PrivacyRequest, answer: Answer, at: datetime) -> None:
    """Write the answer letter in both languages, under the doctor's own key."""
    texts = []
    for language in ("zh-hans", "en"):
        with override(language):
            texts.append(
                letter_of(
                    request, is_granted=answer.is_granted, reason=answer.reason, on=localtime(at).date()
                )
            )
    request.letter_sealed = seal_text(request.doctor_id, "\n\n".join(texts))


def sealed(request: PrivacyRequest, text: str) -> bytes | None:
    """Return words under the doctor's own key, or nothing for none."""
    return seal_text(request.doctor_id, text.strip()) if text.strip() else None


def locked_request(request_id: UUID, by: User, state: str) -> PrivacyRequest:
    """Return a request that the desk may move, locked. Raises: PermissionDenied; RequestNotMoved in another state."""
    if not permissions.can_run_privacy_desk(by):
        raise PermissionDenied
    request = PrivacyRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    if request.state != state:
        raise RequestNotMoved(_("The request is not in a state that allows this."))
    return request


def request_subject(request: PrivacyRequest) -> str:
    """Return what a request is called in the ledger."""
    return f"privacy_request:{request.pk}"
