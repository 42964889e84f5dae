"""Who belongs to whom: a representative claims or declines a doctor, a manager or steward decides with words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.rules import scan_text
from compliance.rules.working_days import working_day_after
from doctors import permissions
from doctors.actions.assignments import reassign_doctor
from doctors.actions.doctors import seal_text
from doctors.choices import ChallengeKind, ChangeState
from doctors.models import Challenge, Doctor
from doctors.selectors.challenges import claim_key
from doctors.selectors.visibility import can_see, territory_ids_of_doctor
from pharmacrm.accounts.models import User
from pharmacrm.accounts.selectors import may_align, memberships_on, territory_of
from pharmacrm.common.crypto import new_wrapped_key, seal
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

DAYS_TO_ANSWER = 5


class ChallengeNotTaken(DomainError):
    """The claim was not kept or decided."""

    code = "challenge_not_taken"


@transaction.atomic
def decline_doctor(
    *, doctor_id: UUID, reason: str, by: User, at: datetime, evidence: Any = None
) -> Challenge:
    """Say that a doctor of one's own territory should belong to somebody else.

    Raises: PermissionDenied for a doctor who is not one's own; ChallengeNotTaken without words, or while a claim about
    this doctor by the same person is open.
    """
    today = localtime(at).date()
    own = set(memberships_on(by, today).values_list("territory_id", flat=True))
    held = [key for key in territory_ids_of_doctor(doctor_id, today) if key in own]
    if not permissions.can_challenge(by) or not held:
        raise PermissionDenied
    _check_reason(reason)
    Doctor.objects.select_for_update().get(pk=doctor_id)
    if Challenge.objects.filter(doctor_id=doctor_id, asked_by=by, state=ChangeState.OPEN).exists():
        raise ChallengeNotTaken(_("Your claim about this doctor is waiting for an answer."))
    return _keep(
        Challenge(
            kind=ChallengeKind.NOT_MINE,
            doctor_id=doctor_id,
            territory_id=held[0],
            sealed=seal_text(doctor_id, orjson.dumps({"reason": reason.strip()}).decode()),
            asked_by=by,
            asked_at=at,
            due_on=working_day_after(today, DAYS_TO_ANSWER),
            evidence=evidence,
        ),
        at,
    )


@transaction.atomic
def claim_doctor(
    *,
    name: str,
    hospital: str,
    territory_id: UUID,
    reason: str,
    by: User,
    at: datetime,
    evidence: Any = None,
) -> Challenge:
    """Say that a doctor should belong to one's own territory; who is meant is said in words, as one may not see them.

    The answer is the same whether or not such a doctor is kept, so that nobody learns what another territory holds.
    Raises: PermissionDenied for a territory one does not work in; ChallengeNotTaken without name or words.
    """
    today = localtime(at).date()
    works_there = memberships_on(by, today).filter(territory_id=territory_id).exists()
    if not permissions.can_challenge(by) or not works_there:
        raise PermissionDenied
    if not name.strip() or not hospital.strip():
        raise ChallengeNotTaken(_("Say who is meant: name and hospital."), field="name")
    _check_reason(reason)
    wrapped = new_wrapped_key()
    said = {"name": name.strip(), "hospital": hospital.strip(), "reason": reason.strip()}
    challenge = Challenge(
        kind=ChallengeKind.MINE,
        territory_id=territory_id,
        wrapped_key=wrapped,
        asked_by=by,
        asked_at=at,
        due_on=working_day_after(today, DAYS_TO_ANSWER),
        evidence=evidence,
    )
    challenge.sealed = seal(
        orjson.dumps(said), key=claim_key(challenge), context=f"challenge:{challenge.pk}".encode()
    )
    return _keep(challenge, at)


@transaction.atomic
def decide_challenge(
    *,
    challenge_id: UUID,
    accept: bool,
    answer: str,
    by: User,
    at: datetime,
    on: date | None = None,
    doctor_id: UUID | None = None,
    to_territory_id: UUID | None = None,
) -> Challenge:
    """Decide a claim with words; accepted, the doctor changes hands from the day `on`, today unless said.

    `doctor_id` says who was meant by a claim in words; `to_territory_id` who gets a doctor that somebody declines.
    Raises: PermissionDenied; ChallengeNotTaken when it is decided, one's own, or lacks words or the doctor;
    DoctorNotAssigned when the day does not fit. In every case nothing has changed.
    """
    challenge = Challenge.objects.select_for_update(of=("self",)).get(pk=challenge_id)
    today = localtime(at).date()
    if not permissions.can_decide_challenge(by) or not may_align(by, [challenge.territory_id], today):
        raise PermissionDenied
    if challenge.state != ChangeState.OPEN:
        raise ChallengeNotTaken(_("This claim was decided already."))
    if challenge.asked_by_id == by.pk:
        raise ChallengeNotTaken(_("Somebody else decides what you claimed."))
    if not answer.strip():
        raise ChallengeNotTaken(_("Say why, so that the person who asked knows."), field="answer")
    if accept:
        _carry_out(challenge, on or today, doctor_id, to_territory_id, by=by, at=at, answer=answer.strip())
    challenge.state = ChangeState.ACCEPTED if accept else ChangeState.REFUSED
    challenge.decided_by, challenge.decided_at, challenge.answer = by, at, answer.strip()
    challenge.wrapped_key = (
        None  # what was said about a person without a key of their own is unreadable from now on
    )
    challenge.save()
    law.record(
        f"doctors.challenge_{challenge.state}",
        subject=f"challenge:{challenge.pk}",
        by=by,
        at=at,
        reason=answer.strip(),
        rows=[challenge],
    )
    notify(
        recipient=challenge.asked_by,
        kind="challenge_decided",
        zh=f"您的归属异议已{'采纳' if accept else '驳回'}：{answer.strip()}"[:300],
        en=f"Your claim was {'accepted' if accept else 'refused'}: {answer.strip()}"[:300],
        at=at,
        url="/doctors/territories/claims/",
        subject=f"challenge:{challenge.pk}",
    )
    return challenge


def _carry_out(
    challenge: Challenge,
    on: date,
    doctor_id: UUID | None,
    to_territory_id: UUID | None,
    *,
    by: User,
    at: datetime,
    answer: str,
) -> None:
    if on < localtime(at).date():
        raise ChallengeNotTaken(_("The day lies in the past."), field="on")
    place = territory_of(challenge.territory_id)
    if challenge.kind == ChallengeKind.MINE:
        if doctor_id is None:
            raise ChallengeNotTaken(_("Say which doctor is meant."), field="doctor")
        if not can_see(by, doctor_id, localtime(at).date()):
            raise ChallengeNotTaken(
                _("The other territory is not yours to decide about. Leave it to a steward.")
            )
        losing = territory_ids_of_doctor(doctor_id, on)
        challenge.doctor_id, to_territory_id = doctor_id, challenge.territory_id
    else:
        losing = []
    gaining = [to_territory_id] if to_territory_id else []
    if not may_align(by, [*losing, *gaining], on):
        raise ChallengeNotTaken(_("The other territory is not yours to decide about. Leave it to a steward."))
    if place is None or challenge.doctor_id is None:
        raise ChallengeNotTaken(_("Say which doctor is meant."), field="doctor")
    reassign_doctor(
        doctor_id=challenge.doctor_id,
        line=place.line,
        to_territory_id=to_territory_id,
        on=on,
        by=by,
        at=at,
        reason=answer,
    )


def _keep(challenge: Challenge, at: datetime) -> Challenge:
    challenge.save(force_insert=True)
    law.record(
        "doctors.challenge_asked",
        subject=f"challenge:{challenge.pk}",
        by=challenge.asked_by,
        at=at,
        rows=[challenge],
    )
    return challenge


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise ChallengeNotTaken(_("Say why."), field="reason")
    if scan_text(reason):
        raise ChallengeNotTaken(
            _(
                "Words that may not be stored stand in it: prescription counts, sales, gifts or a patient. Leave them out."
            ),
            field="reason",
        )
