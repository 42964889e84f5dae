"""Contest a tier, and decide on it. Source: PIPL 24 (human decision), 48 (explanation)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.rules import scan_text
from doctors import permissions
from doctors.actions.doctors import seal_text
from doctors.actions.overrides import OverrideNotMade, decide_override
from doctors.choices import ContestState, OverrideReason, OverrideState, Tier
from doctors.models import Doctor, DoctorLink, TierContest, TierOverride
from doctors.selectors.visibility import can_see
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError

ANSWER_DAYS = 15  # company policy; the law says "without delay" (PIPL 50)
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
    """Decide on a contested tier with an answer: `tier` sets it by hand, empty keeps what the score gives.

    Raises: PermissionDenied; ContestNotTaken if it is decided already, said by the same person, or without an
    answer; OverrideNotMade or Refused if the law forbids the tier. Nothing has changed then. Source: PIPL 24.
    """
    if not permissions.can_decide_override(by):
        raise PermissionDenied
    contest = (
        TierContest.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=contest_id)
    )
    if contest.state != ContestState.OPEN:
        raise ContestNotTaken(_("This has been decided already."))
    if contest.asked_by_id == by.pk:
        raise ContestNotTaken(_("Who asked cannot decide."))
    if tier and tier not in Tier.values:
        raise ContestNotTaken(_("Choose a tier."), field="tier")
    contest.sealed_answer = _sealed(contest.doctor_id, answer, "answer")
    contest.state = ContestState.CHANGED if tier else ContestState.KEPT
    contest.decided_by, contest.decided_at = by, at
    if tier:
        until = valid_until or localtime(at).date() + timedelta(days=HAND_DAYS)
        contest.override = _set_by_hand(contest, tier, until, by=by, at=at)
    contest.save()
    law.record(
        f"doctors.contest_{contest.state}",
        subject=f"doctor:{contest.doctor_id}",
        by=by,
        at=at,
        rows=[contest],
    )
    return contest


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
                due_on=localtime(at).date() + timedelta(days=ANSWER_DAYS),
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
    return contest


def _sealed(doctor_id: UUID, words: str, field: str) -> bytes:
    if not words.strip():
        raise ContestNotTaken(_("Say why in a sentence."), field=field)
    if scan_text(words):
        raise ContestNotTaken(_("The note holds what may not be kept. Leave it out."), field=field)
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
