"""Corrections: the field proposes, a steward decides field by field; the master is never edited from the field."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.choices import ApprovalState, ApprovalVerb
from compliance.flows import Answer, Decision
from compliance.rules import scan_text
from compliance.rules.working_days import working_day_after
from compliance.selectors.approvals import open_request
from doctors import permissions
from doctors.actions.doctors import CHANGEABLE, rename_doctor, seal_text, update_doctor
from doctors.actions.guidelines import Guideline, add_guideline_work
from doctors.actions.preferences import set_preference
from doctors.actions.publications import Paper, add_authored_paper
from doctors.choices import ChangeKind, ChangeState, DatePrecision, DoctorStatus, InterestSource, PostLevel
from doctors.models import Assignment, ChangeAttachment, ChangeRequest, Doctor
from doctors.rules import works
from doctors.selectors.academic import preference_of
from doctors.selectors.changes import words_of
from doctors.selectors.visibility import can_see
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError
from pharmacrm.common.models import StoredFile
from pharmacrm.common.notifications import notify

if TYPE_CHECKING:
    from compliance.models import ApprovalRequest

FLOW = "doctors.change"  # registered in apps.py
DAYS_TO_ANSWER = 5
CLOSE_OF_DAY = time(18)
LIKED = ("channel", "language")
WORKS = ("publication", "guideline")
FIELDS = ("name", *CHANGEABLE, *LIKED, *WORKS)
# What a new doctor's record says while the steward did not take the word of the field for it.
UNKNOWN = {"title": "unknown", "post": "none", "specialty": ""}
STATES = {(True, False): ChangeState.ACCEPTED, (True, True): ChangeState.PARTLY}


class ChangeNotTaken(DomainError):
    """The proposal was not kept or decided."""

    code = "change_not_taken"


@transaction.atomic
def ask_change(
    *,
    doctor_id: UUID,
    wanted: dict[str, str],
    note: str,
    by: User,
    at: datetime,
    files: Sequence[StoredFile] = (),
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
    check_words(note, *changes.values())
    for kind in WORKS:
        if kind in changes and works.lacking(kind, changes[kind]):
            raise ChangeNotTaken(_("Say title, place, day or year, and the doctor's part in it."), field=kind)
    request = ChangeRequest.objects.create(
        doctor_id=doctor_id,
        sealed=seal_text(doctor_id, orjson.dumps({**changes, "note": note.strip()}).decode()),
        fields=sorted(changes),
        asked_by=by,
        asked_at=at,
        due_on=working_day_after(today, DAYS_TO_ANSWER),
    )
    rows = attach(request, files)
    law.record("doctors.change_asked", subject=f"doctor:{doctor_id}", by=by, at=at, rows=[request, *rows])
    put_change(request, at=at)
    return request


@transaction.atomic
def decide_change(
    *,
    request_id: UUID,
    accept: bool,
    by: User,
    at: datetime,
    answer: str = "",
    fields: Collection[str] | None = None,
    reasons: Mapping[str, str] | None = None,
) -> ChangeRequest:
    """Accept a proposal, or only some `fields` of it, which changes the master; or refuse it: one answer to its request.

    A field that is not taken needs words: its own in `reasons`, else those of the answer. The person who asked is told.
    Raises: PermissionDenied; ChangeNotTaken when it was decided already, by its author, or refused without words.
    """
    request = ChangeRequest.objects.get(pk=request_id)
    details = {"fields": None if fields is None else sorted(fields), "reasons": dict(reasons or {})}
    verb = ApprovalVerb.AGREE if accept else ApprovalVerb.REFUSE
    _read_answer(request, verb, answer, details, by)
    law.answer_approval(
        flow=FLOW,
        subject=change_subject(request),
        verb=verb,
        comment=answer,
        details=details,
        by=by,
        at=at,
        put=lambda: put_change(request, at=at),
    )
    request.refresh_from_db()
    return request


def put_change(request: ChangeRequest, *, at: datetime) -> ApprovalRequest:
    """Ask the stewards to decide on a proposal, by the day on which it is due."""
    return law.open_approval(
        subject=change_subject(request),
        flow=FLOW,
        by=request.asked_by,
        at=at,
        steps=[law.Stage(roles=permissions.CHANGE_DECIDERS)],
        due_at=make_aware(datetime.combine(request.due_on, CLOSE_OF_DAY)),
        payload={"change": str(request.pk)},
    )


def put_changes(at: datetime) -> int:
    """Put every proposal that waits and has no request to the engine. Safe to run twice. Returns: how many are new."""
    waiting = ChangeRequest.objects.filter(state=ChangeState.OPEN).select_related("asked_by").order_by("pk")
    new = [one for one in waiting if open_request(FLOW, change_subject(one)) is None]
    for request in new:
        put_change(request, at=at)
    return len(new)


def check_change_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; ChangeNotTaken."""
    request = _change_of(answer.payload)
    _read_answer(request, answer.verb, answer.comment, answer.details, answer.by)


@transaction.atomic
def carry_out_change(*, decision: Decision) -> None:
    """Change the master by what was taken of a proposal, field by field, and tell the person who asked."""
    request, by, at = _change_of(decision.payload), decision.by, decision.at
    accept = decision.outcome == ApprovalState.APPROVED
    verb = ApprovalVerb.AGREE if accept else ApprovalVerb.REFUSE
    taken, said = _read_answer(request, verb, decision.comment, decision.details, by)
    request.state = STATES.get((accept, bool(said)), ChangeState.REFUSED)
    request.decided_by, request.decided_at, request.answer = by, at, decision.comment
    request.decisions = {
        name: {"taken": name in taken, "reason": said.get(name, "")} for name in request.fields
    }
    request.save()
    law.record(
        f"doctors.change_{request.state}",
        subject=f"doctor:{request.doctor_id}",
        by=by,
        at=at,
        reason=decision.comment,
        rows=[request],
    )
    if request.kind == ChangeKind.NEW_DOCTOR:
        _settle_new_doctor(request, accept, set(said), by=by, at=at)
    elif accept:
        _apply(request, taken, by=by, at=at)
    _tell(request, at)


def change_subject(request: ChangeRequest) -> str:
    """Return what a proposal is called in the ledger and in the approval engine."""
    return f"change:{request.pk}"


def _change_of(payload: Mapping[str, str]) -> ChangeRequest:
    return ChangeRequest.objects.select_for_update().get(pk=UUID(payload["change"]))


def _read_answer(
    request: ChangeRequest, verb: str, words: str, details: Mapping[str, Any], by: User
) -> tuple[set[str], dict[str, str]]:
    """Return the fields that an answer takes, and why it leaves each other one. Raises: PermissionDenied; ChangeNotTaken."""
    if not permissions.can_decide_change(by):
        raise PermissionDenied
    if request.state != ChangeState.OPEN:
        raise ChangeNotTaken(_("This proposal was decided already."))
    if request.asked_by_id == by.pk:
        raise ChangeNotTaken(_("Somebody else decides what you proposed."))
    accept = verb == ApprovalVerb.AGREE
    chosen = details.get("fields")
    taken = set(request.fields if chosen is None else chosen) & set(request.fields) if accept else set()
    reasons = details.get("reasons") or {}
    left = set(request.fields) - taken
    said = {name: str(reasons.get(name, "")).strip() or words.strip() for name in left}
    if (not accept and not words.strip()) or any(not one for one in said.values()):
        raise ChangeNotTaken(_("Say why, so that the person who asked knows."), field="answer")
    if accept and request.fields and not taken:
        raise ChangeNotTaken(_("Nothing of it is taken: refuse it instead."))
    if accept and request.kind == ChangeKind.NEW_DOCTOR and "name" in left:
        raise ChangeNotTaken(_("A doctor without the name is refused as a whole."))
    return taken, said


def check_words(*texts: str) -> None:
    """Raise ChangeNotTaken when a text holds what may not be stored. Source: MR-11, PI-23, RD-03."""
    if any(scan_text(text) for text in texts):
        raise ChangeNotTaken(
            _(
                "Words that may not be stored stand in it: prescription counts, sales, gifts or a patient. Leave them out."
            ),
            field="note",
        )


def attach(request: ChangeRequest, files: Sequence[StoredFile]) -> list[ChangeAttachment]:
    """Hang files on a proposal; the same bytes once. Call inside the act that makes the proposal."""
    once = {file.pk: file for file in files}
    return [ChangeAttachment.objects.create(request=request, file=file) for file in once.values()]


def _apply(request: ChangeRequest, taken: set[str], *, by: User, at: datetime) -> None:
    wanted = words_of(request)
    if "name" in taken and wanted.get("name"):
        rename_doctor(doctor_id=request.doctor_id, name=wanted["name"], by=by, at=at)
    changes = {name: wanted[name] for name in CHANGEABLE if name in taken and wanted.get(name)}
    if changes:
        update_doctor(doctor_id=request.doctor_id, by=by, at=at, **changes)
    _apply_liked(request, {name: wanted[name] for name in LIKED if name in taken}, by=by, at=at)
    if "publication" in taken:
        _apply_paper(request, works.unpacked("publication", wanted["publication"]), by=by, at=at)
    if "guideline" in taken:
        said = works.unpacked("guideline", wanted["guideline"])
        if not said["year"].isdecimal():
            raise ChangeNotTaken(_("The year is a number."), field="guideline")
        work = Guideline(
            said["title"],
            said["issuer"],
            int(said["year"]),
            said["role"],
            said["level"] or PostLevel.NATIONAL,
        )
        add_guideline_work(doctor_id=request.doctor_id, work=work, by=by, at=at)


def _apply_liked(request: ChangeRequest, liked: dict[str, str], *, by: User, at: datetime) -> None:
    if not liked:
        return
    held = preference_of(request.doctor_id)
    stands = {"channel": held.channel, "language": held.language} if held else {"channel": "", "language": ""}
    set_preference(
        doctor_id=request.doctor_id,
        **{**stands, **liked},
        source=InterestSource.OBSERVED,
        reason=_("Proposed by %(name)s") % {"name": request.asked_by},
        by=by,
        at=at,
    )


def _apply_paper(request: ChangeRequest, said: dict[str, str], *, by: User, at: datetime) -> None:
    found = works.day_parts(said["day"])
    if found is None or not said["position"].isdecimal():
        raise ChangeNotTaken(
            _("Write the day as 2024, 2024-03 or 2024-03-15, and the place as a number."), field="publication"
        )
    year, month, day = found
    try:
        published_on = date(year, month or 1, day or 1)
    except ValueError as wrong:
        raise ChangeNotTaken(_("There is no such day."), field="publication") from wrong
    add_authored_paper(
        doctor_id=request.doctor_id,
        paper=Paper(
            title=said["title"],
            journal=said["journal"],
            published_on=published_on,
            date_precision=DatePrecision.DAY if day else DatePrecision.MONTH if month else DatePrecision.YEAR,
            pmid=said["pmid"],
            doi=said["doi"],
        ),
        position=int(said["position"]),
        ground=_("Proposed by %(name)s") % {"name": request.asked_by},
        by=by,
        at=at,
    )


def _settle_new_doctor(
    request: ChangeRequest, accept: bool, left: set[str], *, by: User, at: datetime
) -> None:
    doctor = Doctor.objects.select_for_update().get(pk=request.doctor_id)
    rows: list[Any] = [doctor]
    if accept:
        for name in left & UNKNOWN.keys():
            setattr(doctor, name, UNKNOWN[name])
        doctor.status, doctor.verify_by = DoctorStatus.ACTIVE, None
        doctor.save()
        rows += _assign_again(doctor.pk, localtime(at).date())
    else:
        doctor.status, doctor.verify_by = DoctorStatus.INACTIVE, None
        doctor.save(update_fields=["status", "verify_by", "updated_at"])
        rows += end_all_assignments(doctor.pk, localtime(at).date())
    law.record(
        "doctors.doctor_verified" if accept else "doctors.doctor_not_verified",
        subject=f"doctor:{doctor.pk}",
        by=by,
        at=at,
        rows=rows,
    )


def _assign_again(doctor_id: UUID, on: date) -> list[Assignment]:
    """Put a doctor whose record had lapsed back into the territory that proposed them."""
    mine = Assignment.objects.select_for_update().filter(doctor_id=doctor_id).order_by("valid_from", "pk")
    last = mine.last()
    if last is None or last.valid_until is None or last.valid_until > on:
        return []
    again = Assignment(
        doctor_id=doctor_id, territory_id=last.territory_id, line=last.line, source=last.source, valid_from=on
    )
    again.save(force_insert=True)
    return [again]


def end_all_assignments(doctor_id: UUID, on: date) -> list[Assignment]:
    """End what assignments of a doctor hold on a day or later, and return them; one that began that day lasts it."""
    held = list(
        Assignment.objects.select_for_update()
        .filter(doctor_id=doctor_id)
        .exclude(valid_until__lte=on)
        .order_by("pk")
    )
    for one in held:
        one.valid_until = max(on, one.valid_from + timedelta(days=1))
        one.save(update_fields=["valid_until", "updated_at"])
    return held


def _tell(request: ChangeRequest, at: datetime) -> None:
    zh = {"accepted": "已采纳", "partly": "部分采纳", "refused": "未采纳"}[request.state]
    en = {"accepted": "accepted", "partly": "accepted in part", "refused": "refused"}[request.state]
    notify(
        recipient=request.asked_by,
        kind="change_decided",
        zh=f"您的变更申请{zh}。{request.answer}",
        en=f"Your proposal was {en}. {request.answer}",
        at=at,
        url="/doctors/changes/",
        subject=f"change:{request.pk}",
    )
