"""Keep lists of doctors, and do one thing to many of them with an answer for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.actions.bulk import create_all, delete_all
from doctors.actions.realignments import RealignmentNotMoved, open_realignment, work_out_again
from doctors.choices import BulkAct, ListKind, RealignmentKind
from doctors.models import DoctorList, DoctorListMember, RealignmentChange
from doctors.selectors import saved
from doctors.selectors.realignments import may_reach
from pharmacrm.accounts.models import User
from pharmacrm.accounts.selectors import memberships_on, territory_of
from pharmacrm.common import jobs
from pharmacrm.common.choices import JobState
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.outbox import enqueue

AT_ONCE = 200
MOST = 20_000
PART = 500
TAKEN, LEFT, UNSEEN = "done", "unchanged", "not_allowed"


class ListNotKept(DomainError):
    """The list stays as it was."""

    code = "list_not_kept"


@dataclass(frozen=True)
class BulkOrder:
    """One thing to do to many doctors: an act with its list, or with its territory and day."""

    act: str
    list_id: UUID | None = None
    to_territory_id: UUID | None = None
    effective_on: date | None = None


@dataclass(frozen=True)
class BulkAnswer:
    """What came of it for each doctor: done, unchanged or not_allowed; `url` is where the next step is."""

    by_doctor: dict[UUID, str]
    url: str

    def counts(self) -> dict[str, int]:
        """Return how many doctors got which answer."""
        said = list(self.by_doctor.values())
        return {word: said.count(word) for word in (TAKEN, LEFT, UNSEEN)}


@transaction.atomic
def save_list(
    *,
    name: str,
    kind: str,
    by: User,
    at: datetime,
    filters: dict[str, str] | None = None,
    shared_with_id: UUID | None = None,
) -> DoctorList:
    """Keep a list under a name of one's own, private or shared with a territory one works in.

    Raises: PermissionDenied; ListNotKept for an empty or taken name, or a filter that says nothing.
    """
    if not permissions.can_keep_list(by):
        raise PermissionDenied
    _check_share(shared_with_id, by, at)
    kept = {key: value for key, value in (filters or {}).items() if key in saved.FILTERS and value}
    if not name.strip():
        raise ListNotKept(_("A list needs a name."), field="name")
    if kind == ListKind.FILTER and not kept:
        raise ListNotKept(_("Filter first: an empty filter is no list."))
    one = DoctorList(
        name=name.strip(),
        kind=kind,
        filters=kept if kind == ListKind.FILTER else {},
        owner=by,
        shared_with_id=shared_with_id,
    )
    try:
        with transaction.atomic():
            one.save(force_insert=True)
    except IntegrityError as taken:
        raise ListNotKept(_("You have a list of this name."), field="name") from taken
    law.record("doctors.list_saved", subject=f"doctor_list:{one.pk}", by=by, at=at, rows=[one])
    return one


@transaction.atomic
def change_list(
    *, list_id: UUID, name: str, shared_with_id: UUID | None, by: User, at: datetime
) -> DoctorList:
    """Rename one's list or share it otherwise. Raises: PermissionDenied; ListNotKept."""
    one = _own(list_id, by)
    _check_share(shared_with_id, by, at)
    if not name.strip():
        raise ListNotKept(_("A list needs a name."), field="name")
    one.name, one.shared_with_id = name.strip(), shared_with_id
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError as taken:
        raise ListNotKept(_("You have a list of this name."), field="name") from taken
    law.record("doctors.list_changed", subject=f"doctor_list:{one.pk}", by=by, at=at, rows=[one])
    return one


@transaction.atomic
def drop_list(*, list_id: UUID, by: User, at: datetime) -> DoctorList:
    """Drop one's list. Raises: PermissionDenied."""
    one = _own(list_id, by)
    one.dropped_at = at
    one.save(update_fields=["dropped_at", "updated_at"])
    law.record("doctors.list_dropped", subject=f"doctor_list:{one.pk}", by=by, at=at, rows=[one])
    return one


@transaction.atomic
def carry_out_bulk(*, order: BulkOrder, doctor_ids: Iterable[UUID], by: User, at: datetime) -> BulkAnswer:
    """Do one thing to many doctors, those alone whom the person may see. All or nothing, with an answer for each.

    Raises: PermissionDenied; ListNotKept; RealignmentNotMoved. Cost: a few statements whatever the number.
    """
    asked = list(dict.fromkeys(doctor_ids))
    seen = saved.visible_ids(by, localtime(at).date(), asked)
    if not seen:
        raise ListNotKept(_("Choose at least one doctor."))
    match order.act:
        case BulkAct.ADD | BulkAct.REMOVE:
            touched, url = _on_list(order, seen, by, at)
        case BulkAct.REALIGN:
            touched, url = _in_a_draft(order, seen, by, at)
        case _:
            raise ListNotKept(_("This is not done to many at once."))
    allowed = set(seen)
    answers = {pk: (TAKEN if pk in touched else LEFT) if pk in allowed else UNSEEN for pk in asked}
    return BulkAnswer(answers, url)


@transaction.atomic
def order_bulk(*, order: BulkOrder, doctor_ids: Sequence[UUID], by: User, at: datetime, title: str) -> Any:
    """Give a long order to a job with percent, time left and cancel. Returns: the job. Raises: ListNotKept for too many."""
    if len(doctor_ids) > MOST:
        raise ListNotKept(_("More than %(most)d doctors. Narrow the filters first.") % {"most": MOST})
    if order.list_id:
        _own(order.list_id, by)
    job = jobs.open_job(kind="doctors.bulk", title=title, by=by, total=len(doctor_ids))
    enqueue(
        "doctors.carry_out_bulk",
        job_id=job.pk,
        act=order.act,
        list_id=order.list_id,
        to_territory_id=order.to_territory_id,
        effective_on=order.effective_on,
        doctor_ids=list(doctor_ids),
    )
    return job


def run_bulk_job(
    *, job_id: UUID, order: BulkOrder, doctor_ids: Sequence[UUID], clock: Callable[[], datetime]
) -> str:
    """Carry out an order that waits as a job, part by part; its page then shows the counts. Returns: the job's state.

    Each part is an act of its own, so that one stopped or killed half-way has done whole parts; what is done already is
    left alone, so it is safe to run twice. A new draft of a realignment is one part.
    """
    job = jobs.Job.objects.select_related("asked_by").get(pk=job_id)
    if job.state in {JobState.DONE, JobState.CANCELLED, JobState.FAILED}:
        return str(job.state)
    size = len(doctor_ids) if order.act == BulkAct.REALIGN else PART
    counts: Counter[str] = Counter()
    url = ""
    jobs.start(job_id, at=clock(), total=len(doctor_ids))
    try:
        for start in range(0, len(doctor_ids), size):
            jobs.advance(job_id, done=start)
            answer = carry_out_bulk(
                order=order, doctor_ids=doctor_ids[start : start + size], by=job.asked_by, at=clock()
            )
            counts.update(answer.counts())
            url = answer.url
    except jobs.JobCancelled:
        jobs.cancelled(job_id, at=clock())
    except Refused as refusal:
        law.record_refused(refusal, by=job.asked_by, at=clock())
        jobs.fail(job_id, at=clock(), error=str(refusal))
    except (DomainError, PermissionDenied) as refusal:
        jobs.fail(
            job_id, at=clock(), error=getattr(refusal, "message", "") or _("You may not do this any more.")
        )
    else:
        jobs.advance(job_id, done=len(doctor_ids))
        jobs.finish(job_id, at=clock(), result={"url": url, "counts": dict(counts)})
    return str(jobs.Job.objects.get(pk=job_id).state)


def _on_list(order: BulkOrder, seen: list[UUID], by: User, at: datetime) -> tuple[set[UUID], str]:
    if order.list_id is None:
        raise ListNotKept(_("Choose a list of your own."), field="list_id")
    one = _own(order.list_id, by)
    if one.kind != ListKind.PICKS:
        raise ListNotKept(
            _("A list by filter holds whoever passes it; pick for another list."), field="list_id"
        )
    there = {row.doctor_id: row for row in one.members.filter(doctor_id__in=seen).order_by("pk")}
    if order.act == BulkAct.ADD:
        touched = set(seen) - there.keys()
        create_all(
            DoctorListMember,
            [DoctorListMember(list=one, doctor_id=pk) for pk in sorted(touched)],
            by=by,
            at=at,
        )
    else:
        touched = set(there)
        delete_all(DoctorListMember, list(there.values()), by=by, at=at)
    if touched:
        law.record(
            "doctors.list_filled" if order.act == BulkAct.ADD else "doctors.list_thinned",
            subject=f"doctor_list:{one.pk}",
            by=by,
            at=at,
        )
    return touched, f"/doctors/lists/{one.pk}/"


def _in_a_draft(order: BulkOrder, seen: list[UUID], by: User, at: datetime) -> tuple[set[UUID], str]:
    place = territory_of(order.to_territory_id) if order.to_territory_id else None
    if place is None or order.effective_on is None:
        raise ListNotKept(_("Say which territory, and from which day."), field="to_territory_id")
    draft = open_realignment(
        name=(_("To %(territory)s") % {"territory": place.name})[:80],
        reason="",
        effective_on=order.effective_on,
        by=by,
        at=at,
    )
    lines = [
        RealignmentChange(
            realignment=draft, kind=RealignmentKind.DOCTOR, doctor_id=pk, to_territory_id=place.pk
        )
        for pk in seen
    ]
    create_all(RealignmentChange, lines, by=by, at=at)
    work_out_again(draft, at)
    if not may_reach(by, draft):
        raise RealignmentNotMoved(_("This would take doctors from outside your territories."))
    law.record(
        "doctors.realignment_change_added", subject=f"realignment:{draft.pk}", by=by, at=at, rows=[draft]
    )
    touched = set(draft.moves.values_list("doctor_id", flat=True))
    return touched, f"/doctors/territories/realignments/{draft.pk}/"


def _own(list_id: UUID, by: User) -> DoctorList:
    one = DoctorList.objects.select_for_update().filter(pk=list_id, dropped_at__isnull=True).first()
    if one is None or one.owner_id != by.pk or not permissions.can_keep_list(by):
        raise PermissionDenied
    return one


def _check_share(shared_with_id: UUID | None, by: User, at: datetime) -> None:
    if shared_with_id is None or permissions.can_decide_change(by):
        return
    if not memberships_on(by, localtime(at).date()).filter(territory_id=shared_with_id).exists():
        raise ListNotKept(_("Share with a territory you work in."), field="shared_with_id")
