"""Corrections: the field proposes, a steward decides; the master is never edited from the field."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import orjson
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.actions.doctors import CHANGEABLE, rename_doctor, seal_text, update_doctor
from doctors.choices import ChangeState
from doctors.models import ChangeRequest
from doctors.selectors.changes import words_of
from doctors.selectors.visibility import can_see
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError

ANSWER_WITHIN = timedelta(days=5)
FIELDS = ("name", *CHANGEABLE)


class ChangeNotTaken(DomainError):
    """The proposal was not kept or decided."""

    code = "change_not_taken"


@transaction.atomic
def ask_change(
    *, doctor_id: UUID, wanted: dict[str, str], note: str, by: User, at: datetime
) -> ChangeRequest:
    """Propose a correction of a doctor one may see. What it says is encrypted under the doctor's key.

    Raises: PermissionDenied; ChangeNotTaken for a proposal without content.
    """
    today = localtime(at).date()
    if not permissions.can_ask_change(by) or not can_see(by, doctor_id, today):
        raise PermissionDenied
    changes = {name: value.strip() for name, value in wanted.items() if name in FIELDS and value.strip()}
    if not changes and not note.strip():
        raise ChangeNotTaken(_("Say what should be corrected."))
    request = ChangeRequest.objects.create(
        doctor_id=doctor_id,
        sealed=seal_text(doctor_id, orjson.dumps({**changes, "note": note.strip()}).decode()),
        fields=sorted(changes),
        asked_by=by,
        asked_at=at,
        due_on=today + ANSWER_WITHIN,
    )
    law.record("doctors.change_asked", subject=f"doctor:{doctor_id}", by=by, at=at, rows=[request])
    return request


@transaction.atomic
def decide_change(
    *, request_id: UUID, accept: bool, by: User, at: datetime, answer: str = ""
) -> ChangeRequest:
    """Accept a proposal, which changes the master, or refuse it with an answer.

    Raises: PermissionDenied; ChangeNotTaken when it was decided already, by its author, or refused without words.
    """
    request = ChangeRequest.objects.select_for_update().get(pk=request_id)
    if not permissions.can_decide_change(by):
        raise PermissionDenied
    if request.state != ChangeState.OPEN:
        raise ChangeNotTaken(_("This proposal was decided already."))
    if request.asked_by_id == by.pk:
        raise ChangeNotTaken(_("Somebody else decides what you proposed."))
    if not accept and not answer.strip():
        raise ChangeNotTaken(_("Say why, so that the person who asked knows."), field="answer")
    request.state = ChangeState.ACCEPTED if accept else ChangeState.REFUSED
    request.decided_by, request.decided_at, request.answer = by, at, answer.strip()
    request.save()
    law.record(
        f"doctors.change_{request.state}",
        subject=f"doctor:{request.doctor_id}",
        by=by,
        at=at,
        reason=answer.strip(),
        rows=[request],
    )
    if accept:
        wanted = words_of(request)
        if wanted.get("name"):
            rename_doctor(doctor_id=request.doctor_id, name=wanted["name"], by=by, at=at)
        changes = {name: wanted[name] for name in CHANGEABLE if wanted.get(name)}
        if changes:
            update_doctor(doctor_id=request.doctor_id, by=by, at=at, **changes)
    return request
