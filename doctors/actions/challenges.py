"""Who belongs to whom: a representative claims or declines a doctor, a manager or steward decides with words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.choices import ApprovalState, ApprovalVerb, StepMode
from compliance.flows import Answer, Decision
from compliance.rules import scan_text
from compliance.rules.working_days import working_day_after
from compliance.selectors.approvals import open_request, stands_in
from doctors import permissions
from doctors.actions.assignments import reassign_doctor
from doctors.actions.doctors import seal_text
from doctors.choices import ChallengeKind, ChangeState
from doctors.models import Challenge, Doctor
from doctors.selectors.challenges import claim_key
from doctors.selectors.visibility import can_see, territory_ids_of_doctor
from pharmacrm.accounts.models import User
from pharmacrm.accounts.selectors import managers_over, may_align, memberships_on, territory_of
from pharmacrm.common.crypto import new_wrapped_key, seal
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

if TYPE_CHECKING:
    from compliance.models import ApprovalRequest

FLOW = "doctors.claim"  # registered in apps.py
DAYS_TO_ANSWER = 5
CLOSE_OF_DAY = time(18)


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
    """Decide a claim with words: one answer to its request in the approval engine.

    Accepted, the doctor changes hands from the day `on`, today unless said. `doctor_id` says who was meant by a claim in
    words; `to_territory_id` who gets a doctor that somebody declines.
    Raises: PermissionDenied; ChallengeNotTaken when it is decided, one's own, or lacks words or the doctor;
    DoctorNotAssigned when the day does not fit. In every case nothing has changed.
    """
    challenge = Challenge.objects.get(pk=challenge_id)
    _may_decide(challenge, by, at)
    if not answer.strip():
        raise ChallengeNotTaken(_("Say why, so that the person who asked knows."), field="answer")
    _ask_new_managers(challenge, by, at)
    law.answer_approval(
        flow=FLOW,
        subject=_subject(challenge),
        verb=ApprovalVerb.AGREE if accept else ApprovalVerb.REFUSE,
        comment=answer.strip(),
        details={"on": on, "doctor": doctor_id, "to": to_territory_id},
        by=by,
        at=at,
        put=lambda: put_claim(challenge, at=at),
    )
    challenge.refresh_from_db()
    return challenge


def put_claim(challenge: Challenge, *, at: datetime) -> ApprovalRequest:
    """Ask the line managers over the territory and the data stewards, any one of whom answers."""
    managers = [
        one
        for one in managers_over(challenge.territory_id, localtime(at).date())
        if one.pk != challenge.asked_by_id
    ]
    stewards = law.Stage(roles=permissions.CLAIM_STEWARDS, mode=StepMode.ANY)
    side_by_side = (law.Stage(approvers=tuple(managers), mode=StepMode.ANY), stewards)
    return law.open_approval(
        subject=_subject(challenge),
        flow=FLOW,
        by=challenge.asked_by,
        at=at,
        steps=[side_by_side if managers else stewards],
        due_at=make_aware(datetime.combine(challenge.due_on, CLOSE_OF_DAY)),
        payload={"claim": str(challenge.pk), "territory": str(challenge.territory_id)},
    )


def put_claims(at: datetime) -> int:
    """Put every claim that waits and has no request to the engine. Safe to run twice. Returns: how many are new."""
    waiting = Challenge.objects.filter(state=ChangeState.OPEN).select_related("asked_by").order_by("pk")
    new = [one for one in waiting if open_request(FLOW, _subject(one)) is None]
    for challenge in new:
        put_claim(challenge, at=at)
    return len(new)


def check_claim_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; ChallengeNotTaken, also for a yes that does not say what becomes of the doctor."""
    challenge = _claim_of(answer.payload)
    _may_decide(challenge, answer.by, answer.at)
    if answer.verb == ApprovalVerb.AGREE and "on" not in answer.details:
        raise ChallengeNotTaken(
            _("Accept it on the page of claims, where the doctor and the day are chosen.")
        )


def hand_claim(answer: Answer, to: User) -> None:
    """Raises: ApprovalNotDecided for somebody who does not decide about the claim's territory."""
    today = localtime(answer.at).date()
    if not permissions.can_decide_challenge(to) or not may_align(
        to, [UUID(answer.payload["territory"])], today
    ):
        raise law.ApprovalNotDecided(_("This person may not decide it."), field="to")


@transaction.atomic
def carry_out_claim(*, decision: Decision) -> None:
    """Let the doctor change hands, or leave them where they are, and tell whoever asked."""
    challenge = _claim_of(decision.payload)
    by, at, answer = decision.by, decision.at, decision.comment
    if decision.outcome == ApprovalState.APPROVED:
        said = decision.details
        _carry_out(
            challenge,
            said["on"] or localtime(at).date(),
            said["doctor"],
            said["to"],
            by=by,
            at=at,
            answer=answer,
        )
        challenge.state = ChangeState.ACCEPTED
    else:
        challenge.state = ChangeState.REFUSED
    challenge.decided_by, challenge.decided_at, challenge.answer = by, at, answer
    challenge.wrapped_key = (
        None  # what was said about a person without a key of their own is unreadable from now on
    )
    challenge.save()
    law.record(
        f"doctors.challenge_{challenge.state}",
        subject=_subject(challenge),
        by=by,
        at=at,
        reason=answer,
        rows=[challenge],
    )
    accepted = challenge.state == ChangeState.ACCEPTED
    notify(
        recipient=challenge.asked_by,
        kind="challenge_decided",
        zh=f"您的归属异议已{'采纳' if accepted else '驳回'}：{answer}"[:300],
        en=f"Your claim was {'accepted' if accepted else 'refused'}: {answer}"[:300],
        at=at,
        url="/doctors/territories/claims/",
        subject=_subject(challenge),
    )


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
    reach = _reach_of(challenge, by, at) or by
    if challenge.kind == ChallengeKind.MINE:
        if doctor_id is None:
            raise ChallengeNotTaken(_("Say which doctor is meant."), field="doctor")
        if not can_see(reach, doctor_id, localtime(at).date()):
            raise ChallengeNotTaken(
                _("The other territory is not yours to decide about. Leave it to a steward.")
            )
        losing = territory_ids_of_doctor(doctor_id, on)
        challenge.doctor_id, to_territory_id = doctor_id, challenge.territory_id
    else:
        losing = []
    gaining = [to_territory_id] if to_territory_id else []
    if not may_align(reach, [*losing, *gaining], on):
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
        subject=_subject(challenge),
        by=challenge.asked_by,
        at=at,
        rows=[challenge],
    )
    put_claim(challenge, at=at)
    return challenge


def _may_decide(challenge: Challenge, by: User, at: datetime) -> None:
    if not permissions.can_decide_challenge(by) or _reach_of(challenge, by, at) is None:
        raise PermissionDenied
    if challenge.state != ChangeState.OPEN:
        raise ChallengeNotTaken(_("This claim was decided already."))
    if challenge.asked_by_id == by.pk:
        raise ChallengeNotTaken(_("Somebody else decides what you claimed."))


def _reach_of(challenge: Challenge, by: User, at: datetime) -> User | None:
    """Return whose branch a decision rests on: one's own, or that of the manager one stands in for."""
    today = localtime(at).date()
    if may_align(by, [challenge.territory_id], today):
        return by
    return next(
        (one for one in managers_over(challenge.territory_id, today) if stands_in(by, one, today)), None
    )


def _ask_new_managers(challenge: Challenge, by: User, at: datetime) -> None:
    """Ask anew where the branch has another manager than when it was asked."""
    request = law.lock_request(FLOW, _subject(challenge))
    if request is not None and law.step_of(request, by, at) is None and request.opened_by_id != by.pk:
        law.void_approval(
            flow=FLOW, subject=_subject(challenge), reason=_("The branch has another manager."), by=by, at=at
        )


def _claim_of(payload: Mapping[str, Any]) -> Challenge:
    rows = Challenge.objects.select_for_update(of=("self",)).select_related("asked_by")
    return rows.get(pk=UUID(payload["claim"]))


def _subject(challenge: Challenge) -> str:
    return f"challenge:{challenge.pk}"


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
