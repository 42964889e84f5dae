"""Draw up a realignment, ask for it, carry it out: what was shown is what happens, or nothing does."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.flows import Decision
from compliance.rules import scan_text
from doctors import permissions
from doctors.actions.bulk import create_all, update_all
from doctors.choices import AssignmentSource, RealignmentKind, RealignmentState
from doctors.facts import RealignmentFacts
from doctors.models import Assignment, Doctor, Realignment, RealignmentChange, RealignmentMove
from doctors.selectors.realignments import (
    may_reach,
    moves_kept,
    moves_now,
    moves_worked_out,
    territories_touched,
)
from pharmacrm.accounts.models import User
from pharmacrm.accounts.selectors import reps_working, user_of
from pharmacrm.common import jobs
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify
from pharmacrm.common.outbox import enqueue

FLOW = "doctors.realignment"  # registered in apps.py
DAYS_TO_ANSWER = 3
BATCH = 2000


class RealignmentNotMoved(DomainError):
    """The realignment stays as it was."""

    code = "realignment_not_moved"


@transaction.atomic
def open_realignment(*, name: str, reason: str, effective_on: date, by: User, at: datetime) -> Realignment:
    """Open a draft that holds from a day on. Raises: PermissionDenied; RealignmentNotMoved for a day gone by."""
    if not permissions.can_align(by):
        raise PermissionDenied
    _check_day(effective_on, at)
    if scan_text(f"{name} {reason}"):
        raise RealignmentNotMoved(
            _(
                "Words that may not be stored stand in it: prescription counts, sales, gifts or a patient. Leave them out."
            ),
            field="reason",
        )
    draft = Realignment.objects.create(
        name=name.strip(), reason=reason.strip(), effective_on=effective_on, author=by
    )
    work_out_again(draft, at)
    law.record("doctors.realignment_opened", subject=_subject(draft), by=by, at=at, rows=[draft])
    return draft


@transaction.atomic
def add_realignment_change(
    *, realignment_id: UUID, kind: str, by: User, at: datetime, **named: Any
) -> RealignmentChange:
    """Add one line and work out anew who changes hands.

    `named` are the keys the kind asks for: to_territory_id, from_territory_id, division_id, hospital_id, doctor_id,
    reverses_id. Raises: PermissionDenied, also for what lies outside a line manager's branch; RealignmentNotMoved.
    """
    draft = _draft(realignment_id, by)
    given = {name: value for name, value in named.items() if value}
    if kind == RealignmentKind.REVERSE:
        earlier = Realignment.objects.filter(pk=given.get("reverses_id"), state=RealignmentState.DONE)
        if not earlier.exists():
            raise RealignmentNotMoved(_("Only what was carried out can be reversed."), field="reverses_id")
    elif given.get("to_territory_id") == given.get("from_territory_id"):
        raise RealignmentNotMoved(_("From and to are the same."), field="to_territory_id")
    change = RealignmentChange.objects.create(realignment=draft, kind=kind, **given)
    work_out_again(draft, at)
    if not may_reach(by, draft):
        raise RealignmentNotMoved(_("This would take doctors from outside your territories."))
    law.record(
        "doctors.realignment_change_added", subject=_subject(draft), by=by, at=at, rows=[draft, change]
    )
    return change


@transaction.atomic
def drop_realignment_change(*, change_id: UUID, by: User, at: datetime) -> RealignmentChange:
    """Take a line out of a draft. Raises: PermissionDenied; RealignmentNotMoved when it is out already."""
    realignment_id = RealignmentChange.objects.values_list("realignment_id", flat=True).get(pk=change_id)
    draft = _draft(realignment_id, by)
    change = RealignmentChange.objects.select_for_update().get(pk=change_id)
    if change.dropped_at is not None:
        raise RealignmentNotMoved(_("This line is out already."))
    change.dropped_at = at
    change.save(update_fields=["dropped_at", "updated_at"])
    work_out_again(draft, at)
    law.record(
        "doctors.realignment_change_dropped", subject=_subject(draft), by=by, at=at, rows=[draft, change]
    )
    return change


@transaction.atomic
def preview_realignment(*, realignment_id: UUID, by: User, at: datetime) -> Realignment:
    """Work out again who changes hands, because the ground may have moved. Raises: PermissionDenied; RealignmentNotMoved."""
    draft = _draft(realignment_id, by)
    work_out_again(draft, at)
    law.record("doctors.realignment_previewed", subject=_subject(draft), by=by, at=at, rows=[draft])
    return draft


@transaction.atomic
def drop_realignment(*, realignment_id: UUID, by: User, at: datetime) -> Realignment:
    """Give a draft up. Raises: PermissionDenied; RealignmentNotMoved."""
    draft = _draft(realignment_id, by)
    draft.state = RealignmentState.DROPPED
    draft.save(update_fields=["state", "updated_at"])
    law.record("doctors.realignment_dropped", subject=_subject(draft), by=by, at=at, rows=[draft])
    return draft


@transaction.atomic
def ask_realignment(*, realignment_id: UUID, approver_id: UUID, by: User, at: datetime) -> Realignment:
    """Ask another person to agree to exactly the moves that were shown.

    Raises: PermissionDenied; RealignmentNotMoved when nothing would move, the day has come too close, the ground moved
    since the preview, or the approver does not reach the territories; Refused when one of them is on hold.
    """
    draft = _draft(realignment_id, by)
    _check_day(draft.effective_on, at)
    approver = user_of(approver_id)
    if approver is None or approver.pk == by.pk or not permissions.can_align(approver):
        raise RealignmentNotMoved(_("Choose another person who aligns territories."), field="approver_id")
    if not may_reach(approver, draft) or not may_reach(by, draft):
        raise RealignmentNotMoved(_("This person does not reach these territories."), field="approver_id")
    found = moves_now(draft)
    if found.sha256 != draft.moves_sha256:
        raise RealignmentNotMoved(_("Doctors or assignments changed since. Work it out again and look."))
    if not found.moving:
        raise RealignmentNotMoved(_("Nobody would change hands."))
    verdict = law.judge(
        "territory.realign", _facts(draft, found.moving, at), subject=_subject(draft), by=by, at=at
    )
    draft.state, draft.approver = RealignmentState.ASKED, approver
    draft.save(update_fields=["state", "approver", "updated_at"])
    law.open_approval(
        subject=_subject(draft),
        flow=FLOW,
        approvers=[approver],
        by=by,
        at=at,
        due_at=law.due_after(at, DAYS_TO_ANSWER),
        title=draft.name,
        payload={
            "realignment": str(draft.pk),
            "moves": found.moving,
            "moves_sha256": found.sha256,
            "effective_on": draft.effective_on.isoformat(),
        },
    )
    law.record(
        "doctors.realignment_asked", subject=_subject(draft), by=by, at=at, verdict=verdict, rows=[draft]
    )
    return draft


@transaction.atomic
def decide_realignment(*, decision: Decision) -> None:
    """Take the answer: approved is carried out by a job, refused ends it, returned or withdrawn makes it a draft again.

    Raises: RealignmentNotMoved when the moves are no longer those that were asked for.
    """
    realignment = Realignment.objects.select_for_update().get(pk=UUID(decision.payload["realignment"]))
    if realignment.state != RealignmentState.ASKED:
        raise RealignmentNotMoved(_("This is not waiting for an answer."))
    if decision.outcome == "approved":
        if realignment.moves_sha256 != decision.payload["moves_sha256"]:
            raise RealignmentNotMoved(_("The moves are no longer those that were asked for."))
        _check_day(realignment.effective_on, decision.at)
        realignment.state, realignment.approver = RealignmentState.APPROVED, decision.by
        realignment.decided_at = decision.at
        realignment.job = jobs.open_job(
            kind="doctors.realignment",
            title=realignment.name,
            by=realignment.author,
            subject=_subject(realignment),
        )
        enqueue("doctors.carry_out_realignment", realignment_id=realignment.pk)
    elif decision.outcome == "refused":
        realignment.state, realignment.decided_at = RealignmentState.REFUSED, decision.at
    else:
        realignment.state, realignment.approver = RealignmentState.DRAFT, None
    realignment.save()
    law.record(
        f"doctors.realignment_{realignment.state}",
        subject=_subject(realignment),
        by=decision.by,
        at=decision.at,
        reason=decision.comment,
        rows=[realignment],
    )


@transaction.atomic
def carry_out_realignment(*, realignment_id: UUID, at: datetime) -> Realignment:
    """End and begin the assignments of an approved realignment, all or none, exactly as shown. Safe to run twice.

    When doctors or assignments changed since, nothing happens and it is a draft again. Raises: Refused when one of the
    territories is on hold by now. Cost: locks every doctor who moves, in order of key.
    """
    realignment = Realignment.objects.select_for_update().get(pk=realignment_id)
    if realignment.state != RealignmentState.APPROVED:
        return realignment
    moving = RealignmentMove.objects.filter(realignment=realignment, is_blocked=False)
    locked = Doctor.objects.select_for_update(of=("self",)).filter(pk__in=moving.values("doctor_id"))
    list(locked.order_by("pk").values_list("pk", flat=True))
    is_late = realignment.effective_on < localtime(at).date()
    if is_late or moves_now(realignment).sha256 != realignment.moves_sha256:
        return _give_back(realignment, at)
    if realignment.job_id:
        jobs.start(realignment.job_id, at=at, total=moving.count())
    keys = list(moving.order_by("doctor_id", "pk").values_list("pk", flat=True))
    verdict = law.judge(
        "territory.realign",
        _facts(realignment, len(keys), at),
        subject=_subject(realignment),
        by=realignment.approver,
        at=at,
    )
    for start in range(0, len(keys), BATCH):
        _end_and_begin(
            list(RealignmentMove.objects.filter(pk__in=keys[start : start + BATCH])), realignment, at
        )
    realignment.state, realignment.carried_out_at = RealignmentState.DONE, at
    realignment.save(update_fields=["state", "carried_out_at", "updated_at"])
    law.record(
        "doctors.realignment_done",
        subject=_subject(realignment),
        by=realignment.approver,
        at=at,
        verdict=verdict,
        rows=[realignment],
    )
    if realignment.job_id:
        jobs.finish(realignment.job_id, at=at, result={"url": _url(realignment)})
    _tell_everybody(realignment, at)
    return realignment


@transaction.atomic
def give_back_realignment(*, realignment_id: UUID, at: datetime) -> Realignment:
    """Make an approved realignment that could not be carried out a draft again. Safe to run twice."""
    realignment = Realignment.objects.select_for_update().get(pk=realignment_id)
    return _give_back(realignment, at) if realignment.state == RealignmentState.APPROVED else realignment


def reverse_realignment(*, realignment_id: UUID, effective_on: date, by: User, at: datetime) -> Realignment:
    """Draw up the realignment that takes one back: everybody it moved, and who is still there, goes where they came from.

    Raises: PermissionDenied; RealignmentNotMoved for one that was not carried out.
    """
    earlier = Realignment.objects.get(pk=realignment_id)
    with transaction.atomic():
        draft = open_realignment(
            name=(_("Back: %(name)s") % {"name": earlier.name})[:80],
            reason="",
            effective_on=effective_on,
            by=by,
            at=at,
        )
        add_realignment_change(
            realignment_id=draft.pk, kind=RealignmentKind.REVERSE, reverses_id=earlier.pk, by=by, at=at
        )
    return draft


def _end_and_begin(moves: list[RealignmentMove], realignment: Realignment, at: datetime) -> None:
    on, by = realignment.effective_on, realignment.approver
    wanted = {(move.doctor_id, move.line): move for move in moves}
    standing = [
        one
        for one in Assignment.objects.select_for_update()
        .filter(doctor_id__in=[move.doctor_id for move in moves], valid_from__lt=on)
        .exclude(valid_until__lte=on)
        .order_by("pk")
        if (one.doctor_id, one.line) in wanted
    ]
    for one in standing:
        one.valid_until = on
    update_all(Assignment, standing, ["valid_until"], by=by, at=at)
    begun = [
        Assignment(
            doctor_id=move.doctor_id,
            territory_id=move.to_territory_id,
            line=move.line,
            source=AssignmentSource.RULE,
            valid_from=on,
        )
        for move in moves
        if move.to_territory_id
    ]
    create_all(Assignment, begun, by=by, at=at)
    law.record("doctors.doctors_realigned", subject=_subject(realignment), by=by, at=at)


def _give_back(realignment: Realignment, at: datetime) -> Realignment:
    realignment.state = RealignmentState.DRAFT
    realignment.approver = realignment.decided_at = None
    realignment.save()
    law.record(
        "doctors.realignment_overtaken", subject=_subject(realignment), by=None, at=at, rows=[realignment]
    )
    if realignment.job_id:
        jobs.fail(
            realignment.job_id, at=at, error=_("Doctors or assignments changed since. Nothing was moved.")
        )
    notify(
        recipient=realignment.author,
        kind="realignment_overtaken",
        zh=f"区域调整“{realignment.name}”未执行：预览之后名单或归属有变化，请重新预览并再次送审。",
        en=f"The realignment “{realignment.name}” was not carried out: the ground moved. Look again, ask again.",
        at=at,
        url=_url(realignment),
    )
    return realignment


def _tell_everybody(realignment: Realignment, at: datetime) -> None:
    touched = territories_touched(realignment.pk)
    told = {member.user_id: member.user for member in reps_working(touched, realignment.effective_on)}
    for person in told.values():
        notify(
            recipient=person,
            kind="realignment_done",
            zh=f"区域调整“{realignment.name}”自 {realignment.effective_on} 起生效，您负责的医生有变化。",
            en=f"From {realignment.effective_on} your doctors change: realignment “{realignment.name}”.",
            at=at,
            url="/doctors/",
            subject=_subject(realignment),
        )


def _draft(realignment_id: UUID, by: User) -> Realignment:
    draft = Realignment.objects.select_for_update().get(pk=realignment_id)
    if not permissions.can_align(by) or draft.author_id != by.pk:
        raise PermissionDenied
    if draft.state != RealignmentState.DRAFT:
        raise RealignmentNotMoved(_("Only a draft can be changed."))
    return draft


def work_out_again(draft: Realignment, at: datetime) -> None:
    """Keep anew who changes hands: the preview that is shown, asked for, and carried out."""
    body, values = moves_worked_out(draft)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM doctors_realignmentmove WHERE realignment_id = %s", [draft.pk])
        cursor.execute(
            f"""INSERT INTO doctors_realignmentmove
                (id, realignment_id, doctor_id, line, from_territory_id, to_territory_id, is_blocked)
            WITH {body} SELECT gen_random_uuid(), %(realignment)s, doctor_id, line, from_territory_id,
                to_territory_id, is_blocked FROM changed""",  # noqa: S608 - fixed text
            values,
        )
    draft.moves_sha256, draft.previewed_at = moves_kept(draft).sha256, at
    draft.save(update_fields=["moves_sha256", "previewed_at", "updated_at"])


def _facts(realignment: Realignment, moving: int, at: datetime) -> RealignmentFacts:
    return RealignmentFacts(
        doctors_moving=moving,
        effective_on=realignment.effective_on.isoformat(),
        days_ahead=(realignment.effective_on - localtime(at).date()).days,
        has_approver=realignment.approver_id is not None,
        approver_is_author=realignment.approver_id == realignment.author_id,
        subjects=tuple(f"territory:{key}" for key in sorted(territories_touched(realignment.pk))),
    )


def _check_day(effective_on: date, at: datetime) -> None:
    if effective_on < localtime(at).date():
        raise RealignmentNotMoved(_("The day lies in the past."), field="effective_on")


def _subject(realignment: Realignment) -> str:
    return f"realignment:{realignment.pk}"


def _url(realignment: Realignment) -> str:
    return f"/doctors/territories/realignments/{realignment.pk}/"
