"""Contest a tier, and decide on it. Source: PIPL 24 (human decision), 48 (explanation)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.choices import ApprovalState, ApprovalVerb
from compliance.flows import Answer, Decision
from compliance.rules import scan_text
from compliance.rules.working_days import working_day_after
from compliance.selectors.approvals import open_request
from doctors import permissions
from doctors.actions.doctors import seal_text
from doctors.actions.overrides import OverrideNotMade, decide_override
from doctors.choices import ContestState, OverrideReason, OverrideState, Tier
from doctors.models import Doctor, DoctorLink, TierContest, TierOverride
from doctors.selectors.visibility import can_see
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError

if TYPE_CHECKING:
    from compliance.models import ApprovalRequest

FLOW = "doctors.contest"  # registered in apps.py
DAYS_TO_ANSWER = 10  # working days, company policy; the law says "without delay" (PIPL 50)
CLOSE_OF_DAY = time(18)
HAND_DAYS = 180


class ContestNotTaken(DomainError):
    """The contest was not taken down or not decided, and nothing has changed."""

    code = "contest_not_taken"


@transaction.atomic
def contest_tier(*, doctor_id: UUID, words: str, by: User, at: datetime) -> TierContest:
    """Say as a colleague that a doctor's tier is wrong; a person outside decides.

    Raises: PermissionDenied; ContestNotTaken for no words, words that may not be kept, no tier, or an open contest.
    """
    if not permissions.can_ask_override(by) or not can_see(by, doctor_id, localtime(at).date()):
        raise PermissionDenied
    return _contest(doctor_id, words, by=by, at=at, by_doctor=False)


@transaction.atomic
def contest_tier_by_link(*, link_id: UUID, words: str, at: datetime) -> TierContest:
    """Take down that the doctor contests the tier, on the page that a code has opened. Raises: ContestNotTaken."""
    link = DoctorLink.objects.select_related("made_by").get(pk=link_id)
    if link.made_by is None or link.revoked_at is not None or link.valid_until <= at:
        raise ContestNotTaken(_("This link is over. Ask for a new one."))
    return _contest(link.doctor_id, words, by=link.made_by, at=at, by_doctor=True)


@transaction.atomic
def decide_contest(
    *,
    contest_id: UUID,
    tier: str,
    answer: str,
    by: User,
    at: datetime,
    valid_until: date | None = None,
) -> TierContest:
    """Decide on a contested tier with an answer: `tier` sets it by hand, empty keeps what the score gives. One answer to
    its request in the approval engine.

    Raises: PermissionDenied; ContestNotTaken if it is decided already, said by the same person, or without an
    answer; OverrideNotMade or Refused if the law forbids the tier. Nothing has changed then. Source: PIPL 24.
    """
    contest = TierContest.objects.get(pk=contest_id)
    details = {"tier": tier, "answer": answer, "until": valid_until}
    _read_answer(contest, by, details)
    law.answer_approval(
        flow=FLOW,
        subject=f"doctor:{contest.doctor_id}",
        verb=ApprovalVerb.AGREE,
        details=details,
        by=by,
        at=at,
        put=lambda: put_contest(contest, at=at),
    )
    contest.refresh_from_db()
    return contest


def put_contest(contest: TierContest, *, at: datetime) -> ApprovalRequest:
    """Ask those who decide on tiers. What was said and what is answered stands under the doctor's key, not in the request."""
    return law.open_approval(
        subject=f"doctor:{contest.doctor_id}",
        flow=FLOW,
        by=contest.asked_by,
        at=at,
        steps=[law.Stage(roles=permissions.OVERRIDE_DECIDERS)],
        due_at=make_aware(datetime.combine(contest.due_on, CLOSE_OF_DAY)),
        payload={"contest": str(contest.pk), "doctor": str(contest.doctor_id)},
    )


def put_contests(at: datetime) -> int:
    """Put every contest that waits and has no request to the engine. Safe to run twice. Returns: how many are new."""
    waiting = TierContest.objects.filter(state=ContestState.OPEN).select_related("asked_by").order_by("pk")
    new = [one for one in waiting if open_request(FLOW, f"doctor:{one.doctor_id}") is None]
    for contest in new:
        put_contest(contest, at=at)
    return len(new)


def check_contest_answer(approval: Answer) -> None:
    """Raises: PermissionDenied; ContestNotTaken, also where no answer for the doctor is given."""
    _read_answer(_contest_of(approval.payload), approval.by, approval.details)


@transaction.atomic
def carry_out_contest(*, decision: Decision) -> None:
    """Keep the contested tier or set another by hand, with the answer. Raises: OverrideNotMade; Refused."""
    if decision.outcome != ApprovalState.APPROVED:
        return
    contest, by, at = _contest_of(decision.payload), decision.by, decision.at
    tier, answer = decision.details["tier"], decision.details["answer"]
    contest.sealed_answer = _sealed(contest.doctor_id, answer, "answer")
    contest.state = ContestState.CHANGED if tier else ContestState.KEPT
    contest.decided_by, contest.decided_at = by, at
    if tier:
        until = decision.details.get("until") or localtime(at).date() + timedelta(days=HAND_DAYS)
        contest.override = _set_by_hand(contest, tier, until, by=by, at=at)
    contest.save()
    law.record(
        f"doctors.contest_{contest.state}",
        subject=f"doctor:{contest.doctor_id}",
        by=by,
        at=at,
        rows=[contest],
    )


def _read_answer(contest: TierContest, by: User, details: Mapping[str, Any]) -> None:
    if not permissions.can_decide_override(by):
        raise PermissionDenied
    if contest.state != ContestState.OPEN:
        raise ContestNotTaken(_("This has been decided already."))
    if contest.asked_by_id == by.pk:
        raise ContestNotTaken(_("Who asked cannot decide."))
    if details.get("tier") and details["tier"] not in Tier.values:
        raise ContestNotTaken(_("Choose a tier."), field="tier")
    _check_words(str(details.get("answer", "")), "answer")


def _contest_of(payload: Mapping[str, Any]) -> TierContest:
    rows = TierContest.objects.select_for_update(of=("self",)).select_related("asked_by")
    return rows.get(pk=UUID(payload["contest"]))


def _contest(doctor_id: UUID, words: str, *, by: User, at: datetime, by_doctor: bool) -> TierContest:
    doctor = Doctor.objects.select_for_update(of=("self",)).get(pk=doctor_id)
    if doctor.profiling_refused or not doctor.tier:
        raise ContestNotTaken(_("The doctor has no tier to contest."))
    sealed = _sealed(doctor_id, words, "words")
    try:
        with transaction.atomic():
            contest = TierContest.objects.create(
                doctor=doctor,
                tier_held=doctor.tier,
                by_doctor=by_doctor,
                asked_by=by,
                asked_at=at,
                due_on=working_day_after(localtime(at).date(), DAYS_TO_ANSWER),
                sealed_words=sealed,
            )
    except IntegrityError as clash:
        raise ContestNotTaken(_("This tier is contested already and waits for a person.")) from clash
    law.record(
        "doctors.tier_contested",
        subject=f"doctor:{doctor_id}",
        by=None if by_doctor else by,
        at=at,
        rows=[contest],
    )
    put_contest(contest, at=at)
    return contest


def _check_words(words: str, field: str) -> None:
    if not words.strip():
        raise ContestNotTaken(_("Say why in a sentence."), field=field)
    if scan_text(words):
        raise ContestNotTaken(_("The note holds what may not be kept. Leave it out."), field=field)


def _sealed(doctor_id: UUID, words: str, field: str) -> bytes:
    _check_words(words, field)
    return seal_text(doctor_id, words.strip())


def _set_by_hand(contest: TierContest, tier: str, until: date, *, by: User, at: datetime) -> TierOverride:
    try:
        with transaction.atomic():
            override = TierOverride.objects.create(
                doctor_id=contest.doctor_id,
                tier=tier,
                reason=OverrideReason.CONTESTED,
                sealed_note=contest.sealed_words,
                state=OverrideState.ASKED,
                asked_by=contest.asked_by,
                asked_at=contest.asked_at,
                valid_until=until,
            )
    except IntegrityError as clash:
        raise OverrideNotMade(_("A tier set by hand is open for this doctor already.")) from clash
    return decide_override(override_id=override.pk, approve=True, by=by, at=at)
