"""The privacy desk: take a doctor's request in, check who asks, answer it, carry it out. Source: PIPL 44 to 50 (PI-07)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance import selectors as law_reads
from compliance.rules.working_days import working_day_after
from compliance.selectors.people import people_with_role
from doctors import permissions
from doctors.actions.changes import ask_change
from doctors.actions.consents import PROFILING, withdraw_consent
from doctors.actions.doctors import seal_text
from doctors.actions.erasure_requests import FLOW, decide_erasure
from doctors.actions.request_parts import (
    Answer,
    RequestNotMoved,
    facts_of,
    locked_request,
    request_subject,
    sealed,
    write_letter,
)
from doctors.choices import IdentityCheck, RequestKind, RequestSource, RequestState
from doctors.models import Doctor, PrivacyRequest
from doctors.rules.requests import LAST_DAYS, TARGET_WORKING_DAYS
from doctors.selectors.consents import consent_of
from doctors.selectors.visibility import can_see
from pharmacrm.accounts.models import User
from pharmacrm.common.notifications import notify

if TYPE_CHECKING:
    pass

OPEN_AT_ONCE = (RequestKind.REFUSE_PROFILING, RequestKind.RESTRICT)
REMIND_BEFORE = timedelta(days=5)


@transaction.atomic
def take_request(
    *, doctor_id: UUID, kind: str, source: str, words: str, by: User | None, at: datetime
) -> PrivacyRequest:
    """Take a request in and start its clock. `by` is None when the doctor asks on their own, confirmed page.

    Refusing profiling and restricting the use hold at once and are answered on the spot, whoever brings them.
    Raises: PermissionDenied for who does not talk to doctors or does not see this one; RequestNotMoved.
    """
    if by is not None and not (
        permissions.can_take_request(by) and can_see(by, doctor_id, localtime(at).date())
    ):
        raise PermissionDenied
    if kind not in RequestKind.values or source not in RequestSource.values:
        raise RequestNotMoved(_("Choose what the doctor asks."), field="kind")
    doctor = Doctor.objects.select_for_update().get(pk=doctor_id)
    if PrivacyRequest.objects.filter(
        doctor=doctor, kind=kind, state__in=[RequestState.OPEN, RequestState.DECIDED]
    ).exists():
        raise RequestNotMoved(_("This request is under way already."), field="kind")
    received_on = localtime(at).date()
    request = PrivacyRequest.objects.create(
        number=_next_number(at),
        doctor=doctor,
        kind=kind,
        source=source,
        words_sealed=seal_text(doctor.pk, words.strip()) if words.strip() else None,
        received_at=at,
        taken_by=by,
        identity=IdentityCheck.CODE if by is None else "",
        identity_at=at if by is None else None,
        target_on=working_day_after(received_on, _figure("working_days", at, TARGET_WORKING_DAYS)),
        due_at=at + timedelta(days=_figure("days", at, LAST_DAYS)),
    )
    law.record("doctors.request_taken", subject=request_subject(request), by=by, at=at, rows=[request])
    if kind in OPEN_AT_ONCE:
        _close(request, Answer(is_granted=True), by=by, at=at)
    else:
        _tell_desk(
            request,
            "privacy_request",
            f"收到隐私请求 {request.number}",
            f"Privacy request {request.number}",
            at,
        )
    return request


@transaction.atomic
def check_identity(*, request_id: UUID, how: str, by: User, at: datetime) -> PrivacyRequest:
    """Enter how it was made sure who asks. Raises: PermissionDenied; RequestNotMoved when it is answered."""
    request = locked_request(request_id, by, RequestState.OPEN)
    if how not in IdentityCheck.values:
        raise RequestNotMoved(_("Say how you made sure who asks."), field="how")
    request.identity, request.identity_by, request.identity_at = how, by, at
    request.save()
    law.record(
        "doctors.request_identity_checked", subject=request_subject(request), by=by, at=at, rows=[request]
    )
    return request


@transaction.atomic
def answer_request(
    *, request_id: UUID, answer: Answer, by: User, at: datetime, proof: law.SignatureProof | None = None
) -> PrivacyRequest:
    """Answer a request and carry it out; a yes to an erasure is signed, and first waits for the signature of another.

    Raises: PermissionDenied; RequestNotMoved; Refused with the verdict where who asks was not checked or a no gives no
    reason; what `sign` raises. Nothing has changed then.
    """
    request = locked_request(request_id, by, RequestState.OPEN)
    if request.kind != RequestKind.ERASE or not answer.is_granted:
        return _close(request, answer, by=by, at=at)
    return decide_erasure(request, answer, by=by, at=at, proof=proof)


@transaction.atomic
def drop_request(*, request_id: UUID, doctor_id: UUID, at: datetime, reason: str = "") -> PrivacyRequest:
    """Take a request back, as the doctor on their own page, who is asked why and need not say.

    Raises: RequestNotMoved when it is answered.
    """
    law.lock_request(FLOW, f"privacy_request:{request_id}")
    request = PrivacyRequest.objects.select_for_update(of=("self",)).get(pk=request_id, doctor_id=doctor_id)
    if request.state not in {RequestState.OPEN, RequestState.DECIDED}:
        raise RequestNotMoved(_("This request is answered already."))
    request.state = RequestState.DROPPED
    request.save()
    why, subject = reason.strip() or _("The doctor took it back."), request_subject(request)
    law.void_approval(flow=FLOW, subject=subject, reason=why, by=None, at=at)
    law.record("doctors.request_dropped", subject=subject, by=None, at=at, reason=why, rows=[request])
    return request


@transaction.atomic
def record_copy_taken(*, request_id: UUID, by: User | None, at: datetime) -> None:
    """Write down that the copy a request grants was read; by None it was the doctor.

    Raises: PermissionDenied for who does not run the desk; RequestNotMoved for a request that grants no copy.
    """
    request = PrivacyRequest.objects.get(pk=request_id)
    if by is not None and not permissions.can_run_privacy_desk(by):
        raise PermissionDenied
    if request.kind not in COPY_KINDS or request.state != RequestState.CLOSED or not request.is_granted:
        raise RequestNotMoved(_("This request grants no copy."))
    law.record("doctors.own_data_read", subject=request_subject(request), by=by, at=at)


COPY_KINDS = (RequestKind.ACCESS, RequestKind.COPY, RequestKind.PORTABILITY)


@transaction.atomic
def remind_of_requests(*, at: datetime) -> int:
    """Tell the desk of requests whose goal is near, and of those past their last day. Returns: how many were found.

    Safe to run twice: the same is said to a person once.
    """
    waiting = PrivacyRequest.objects.filter(state__in=[RequestState.OPEN, RequestState.DECIDED])
    found = 0
    for request in waiting.filter(target_on__lte=localtime(at + REMIND_BEFORE).date()).order_by("due_at"):
        found += 1
        if request.due_at <= at:
            _tell_desk(
                request, "privacy_request_overdue",
                f"隐私请求 {request.number} 已超过最后期限，请立即答复",
                f"Privacy request {request.number} is past its last day: answer now", at,
            )  # fmt: skip
        else:
            _tell_desk(
                request, "privacy_request_near",
                f"隐私请求 {request.number} 应于 {request.target_on} 前答复",
                f"Privacy request {request.number} is to be answered by {request.target_on}", at,
            )  # fmt: skip
    return found


def _close(request: PrivacyRequest, answer: Answer, *, by: User | None, at: datetime) -> PrivacyRequest:
    """Judge, carry out, write the letter and close."""
    verdict = law.judge(
        "request.answer",
        facts_of(request, answer, at),
        subject=request_subject(request),
        by=by,
        at=at,
        heeds_holds=False,  # PIPL 50: what a hold keeps is frozen, but the doctor is answered
    )
    request.decided_by, request.decided_at, request.is_granted = by, at, answer.is_granted
    request.reason_sealed = sealed(request, answer.reason)
    if answer.is_granted:
        _do_what_is_asked(request, answer, by=by, at=at)
    write_letter(request, answer, at)
    request.state, request.closed_at, request.verdict_id = RequestState.CLOSED, at, verdict.id
    request.save()
    law.record(
        "doctors.request_answered",
        subject=request_subject(request),
        by=by,
        at=at,
        verdict=verdict,
        rows=[request],
    )
    return request


def _do_what_is_asked(request: PrivacyRequest, answer: Answer, *, by: User | None, at: datetime) -> None:
    """Do what was asked. Access, copy and explanation open the pages that show them; nothing else changes."""
    if request.kind == RequestKind.REFUSE_PROFILING:
        _stop(request, purpose=PROFILING, by=by, at=at)
    elif request.kind == RequestKind.RESTRICT:
        _stop(request, purpose="", by=by, at=at)
    elif request.kind == RequestKind.CORRECT:
        if by is None:
            raise PermissionDenied
        request.change = ask_change(
            doctor_id=request.doctor_id,
            wanted=answer.wanted,
            note=_("Asked by the doctor: %(number)s") % {"number": request.number},
            by=by,
            at=at,
        )


def _stop(request: PrivacyRequest, *, purpose: str, by: User | None, at: datetime) -> None:
    held = consent_of(request.doctor_id, channel="", purpose=purpose, at=at)
    if not held.is_stopped:
        withdraw_consent(doctor_id=request.doctor_id, purpose=purpose, by=by, at=at)


def _tell_desk(request: PrivacyRequest, kind: str, zh: str, en: str, at: datetime) -> None:
    for person in [*people_with_role("compliance"), *people_with_role("steward")]:
        notify(
            recipient=person,
            kind=kind,
            zh=zh,
            en=en,
            at=at,
            url=f"/doctors/requests/{request.pk}/",
            subject=request_subject(request),
        )


def _next_number(at: datetime) -> str:
    """Return the next number of the year. Cost: two queries; one at a time by an advisory lock."""
    year = localtime(at).year
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('privacy_request_number'))")
    taken = PrivacyRequest.objects.filter(number__startswith=f"PR-{year}-").count()
    return f"PR-{year}-{taken + 1:05d}"


def _figure(name: str, at: datetime, default: int) -> int:
    return int(law_reads.figure_on("PI-07b", name, at) or default)
