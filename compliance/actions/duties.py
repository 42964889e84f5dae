"""Who has to take which course until when: from role, product and team, for starters, after changes, and in time again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from compliance import permissions
from compliance.choices import CourseState, DutyCause, DutyState
from compliance.models import Certificate, Course, CourseAssignment, CourseVersion, TrainingDuty
from compliance.rules.courses import content_of
from compliance.selectors.figures import figure
from compliance.selectors.people import people_with_role
from compliance.selectors.qualification import certificates_on
from compliance.selectors.training import requirements_of
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

from .recording import record

RETRAIN_DAYS = 30
WARN_DAYS = (14, 7, 1)
RENEW_DAYS = 30  # before its end a certificate is to be renewed


class DutyNotChanged(DomainError):
    """The duty stays as it is."""

    code = "duty_not_changed"


def retrain_days(at: datetime) -> int:
    """Return within how many days a course is taken again after a change. Cost: one query."""
    return int(figure("MR-06", "retrain_days", at, default=RETRAIN_DAYS))


@transaction.atomic
def ensure_duties(*, user_ids: Iterable[UUID] | None = None, by: Any = None, at: datetime) -> int:
    """Open a duty for each course that somebody needs and holds no certificate of, or whose certificate soon ends;
    drop those nobody needs any more. Safe to run twice. Returns: how many were opened or dropped.

    Cost: a fixed number of queries, however many people.
    """
    on = localtime(at).date()
    needed = requirements_of(user_ids, at)
    last_days: dict[tuple[UUID, UUID], date] = {}
    for user_id, course_id, until, renew_by in (
        certificates_on(on, at)
        .filter(user__in=needed)
        .values_list("user_id", "course_id", "valid_until", "renew_by")
    ):
        last = min(until - timedelta(days=1), renew_by or date.max)
        last_days[user_id, course_id] = max(last, last_days.get((user_id, course_id), last))
    standing = {
        (duty.user_id, duty.course_id): duty
        for duty in TrainingDuty.objects.select_for_update()
        .filter(user__in=needed, state=DutyState.OPEN)
        .order_by("pk")
    }
    days = timedelta(days=retrain_days(at))
    new = []
    for user_id, courses in needed.items():
        for course_id in courses:
            last_day = last_days.get((user_id, course_id))
            if (user_id, course_id) in standing or (last_day and last_day > on + timedelta(days=RENEW_DAYS)):
                continue
            new.append(
                TrainingDuty(
                    user_id=user_id,
                    course_id=course_id,
                    cause=DutyCause.RENEWAL if last_day else DutyCause.STARTER,
                    assigned_on=on,
                    due_on=last_day or on + days,
                )
            )
    dropped = [duty for key, duty in standing.items() if key[1] not in needed[key[0]]]
    for duty in dropped:
        duty.state, duty.ended_on = DutyState.DROPPED, on
    if new:
        bulk_create_with_history(new, TrainingDuty)
    if dropped:
        bulk_update_with_history(dropped, TrainingDuty, ["state", "ended_on"])
    if new or dropped:
        _recorded("training_assigned", [*new, *dropped], by, at)
        _tell(new, at)
    return len(new) + len(dropped)


@transaction.atomic
def ask_again(
    *, course_ids: Sequence[UUID], cause: str, about: str, since: date | None = None, by: Any, at: datetime
) -> int:
    """Ask everybody who holds these courses to pass them again, because something changes now or on the day `since`.

    Certificates count until the end of the last day; from the day after, the gate refuses. Who stands under an open
    duty keeps the earlier day. Returns: how many certificates have to be renewed.
    Source: MR-06, re-training; the days are the company's figure beside the 30 days of MR-07.
    """
    on = localtime(at).date()
    due = max(on, since or on) + timedelta(days=retrain_days(at))
    held = list(
        certificates_on(on, at)
        .select_for_update(of=("self",))
        .filter(course__in=list(course_ids))
        .order_by("pk")
    )
    if not held:
        return 0
    for certificate in held:
        certificate.renew_by = min(certificate.renew_by or due, due)
    bulk_update_with_history(held, Certificate, ["renew_by"])
    needed = requirements_of({one.user_id for one in held}, at)
    pairs = dict.fromkeys(
        (one.user_id, one.course_id) for one in held if one.course_id in needed.get(one.user_id, ())
    )
    standing = {
        (duty.user_id, duty.course_id): duty
        for duty in TrainingDuty.objects.select_for_update()
        .filter(user__in=needed, course__in=list(course_ids), state=DutyState.OPEN)
        .order_by("pk")
    }
    earlier = [duty for key, duty in standing.items() if key in pairs and duty.due_on > due]
    for duty in earlier:
        duty.cause, duty.about, duty.due_on = cause, about, due
    new = [
        TrainingDuty(
            user_id=user_id, course_id=course_id, cause=cause, about=about, assigned_on=on, due_on=due
        )
        for user_id, course_id in pairs
        if (user_id, course_id) not in standing
    ]
    if new:
        bulk_create_with_history(new, TrainingDuty)
    if earlier:
        bulk_update_with_history(earlier, TrainingDuty, ["cause", "about", "due_on"])
    _recorded("training_asked_again", [*held, *new, *earlier], by, at, subject=about)
    _tell([*new, *earlier], at)
    return len(held)


def rule_changed(*, rule: str, since: date, by: Any, at: datetime) -> int:
    """Ask again for every course in use that teaches a rule whose text changed. Returns: certificates to renew."""
    courses = [
        version.course_id
        for version in CourseVersion.objects.filter(state=CourseState.PUBLISHED, course__is_retired=False)
        if rule in content_of(version.content).rules
    ]
    return _linked_changed(courses, DutyCause.RULE, f"rule:{rule}", since, by, at)


def label_changed(*, product_code: str, label: str, by: Any, at: datetime) -> int:
    """Ask again for every course in use about a product whose label changed; `label` is its subject. Returns as above."""
    courses = list(
        CourseVersion.objects.filter(
            state=CourseState.PUBLISHED, course__is_retired=False, product_codes__contains=[product_code]
        ).values_list("course_id", flat=True)
    )
    return _linked_changed(courses, DutyCause.LABEL, label, localtime(at).date(), by, at)


@transaction.atomic
def end_assignment(*, assignment_id: UUID, on: date, by: Any, at: datetime) -> CourseAssignment:
    """End what a role has to take: from `on` it is asked of nobody new. Raises: PermissionDenied; DutyNotChanged."""
    if not permissions.can_change_staff(by):
        raise PermissionDenied
    row = CourseAssignment.objects.select_for_update(of=("self",)).get(pk=assignment_id)
    if row.valid_until is not None and row.valid_until <= on:
        raise DutyNotChanged(_("This has ended already."))
    if on <= row.valid_from:
        raise DutyNotChanged(_("The end has to lie after the start."), field="on")
    row.valid_until = on
    row.save()
    record("compliance.course_assignment_ended", subject=f"course:{row.course_id}", by=by, at=at, rows=[row])
    ensure_duties(by=by, at=at)
    return row


@transaction.atomic
def settle_duty(*, certificate: Certificate, at: datetime) -> None:
    """Close the duty that a new certificate fulfils. Call inside the act that gave the certificate; its entry covers it."""
    for duty in TrainingDuty.objects.select_for_update().filter(
        user_id=certificate.user_id, course_id=certificate.course_id, state=DutyState.OPEN
    ):
        duty.state, duty.ended_on, duty.certificate = DutyState.DONE, localtime(at).date(), certificate
        duty.save()


@transaction.atomic
def remind(*, duty_id: UUID, by: Any, at: datetime) -> TrainingDuty:
    """Remind a person of one course, at most once a day. Raises: PermissionDenied; DutyNotChanged once it is done."""
    duty = (
        TrainingDuty.objects.select_for_update(of=("self",)).select_related("user", "course").get(pk=duty_id)
    )
    if not permissions.can_remind(by, duty.user):
        raise PermissionDenied
    if duty.state != DutyState.OPEN:
        raise DutyNotChanged(_("This course is done."))
    day = localtime(at).date()
    notify(
        recipient=duty.user,
        kind=f"training_nudge_{day:%m%d}",
        zh=f"{by} 提醒您：请在 {duty.due_on} 前完成课程《{duty.course.title_zh}》",
        en=f"{by} reminds you: take the course “{duty.course.title_en}” by {duty.due_on}",
        at=at,
        url="/compliance/training/",
        subject=f"duty:{duty.pk}",
    )
    record("compliance.training_reminded", subject=f"user:{duty.user_id}", by=by, at=at, rows=[duty])
    return duty


@transaction.atomic
def mind_training(*, on: date, at: datetime) -> int:
    """Open what is missing, drop what people who left had open, and remind before and after the last day: the learner,
    then the line manager and compliance.

    Safe to run twice: each thing is said once. Returns: how many duties are overdue.
    """
    ensure_duties(at=at)
    left_open = list(
        TrainingDuty.objects.select_for_update()
        .filter(state=DutyState.OPEN, user__is_active=False)
        .order_by("pk")
    )
    if left_open:
        for duty in left_open:
            duty.state, duty.ended_on = DutyState.DROPPED, on
        bulk_update_with_history(left_open, TrainingDuty, ["state", "ended_on"])
        _recorded("training_assigned", left_open, None, at)
    overdue = 0
    officers = list(people_with_role("compliance"))
    open_duties = TrainingDuty.objects.filter(
        state=DutyState.OPEN, due_on__lte=on + timedelta(days=max(WARN_DAYS)), user__is_active=True
    ).select_related("user", "course")
    for duty in open_duties.order_by("due_on", "pk"):
        left = (duty.due_on - on).days
        if left < 0:
            overdue += 1
            _say_overdue(duty, officers, at)
        else:
            step = min(days for days in WARN_DAYS if left <= days)
            notify(
                recipient=duty.user,
                kind=f"training_due_{step}",
                zh=f"课程《{duty.course.title_zh}》须在 {duty.due_on} 前完成，还有 {left} 天",
                en=f"The course “{duty.course.title_en}” is due on {duty.due_on}, in {left} days",
                at=at,
                url="/compliance/training/",
                subject=f"duty:{duty.pk}",
            )
    return overdue


def _say_overdue(duty: TrainingDuty, officers: list[Any], at: datetime) -> None:
    manager = getattr(duty.user, "line_manager", None)
    told = {person.pk: person for person in [duty.user, *([manager] if manager else []), *officers]}
    for person in told.values():
        own = person.pk == duty.user_id
        notify(
            recipient=person,
            kind="training_overdue",
            zh=f"{'您' if own else duty.user} 的课程《{duty.course.title_zh}》已于 {duty.due_on} 逾期，相关推广已停止",
            en=f"“{duty.course.title_en}” of {'yours' if own else duty.user} was due on {duty.due_on}; "
            "promotion that needs it is stopped",
            at=at,
            url="/compliance/training/" if own else "/compliance/staff/board/?state=overdue",
            subject=f"duty:{duty.pk}",
        )


def _linked_changed(courses: list[UUID], cause: str, about: str, since: date, by: Any, at: datetime) -> int:
    if not courses:
        return 0
    for course in Course.objects.filter(pk__in=courses):
        for officer in people_with_role("compliance"):
            notify(
                recipient=officer,
                kind=f"course_rests_on_{localtime(at):%m%d}",
                zh=f"课程《{course.title_zh}》所依据的内容已变更，请核对并发布新版本",
                en=f"What the course “{course.title_en}” rests on has changed; check it and publish a new version",
                at=at,
                url=f"/compliance/staff/courses/{course.pk}/",
                subject=f"course:{course.pk}",
            )
    return ask_again(course_ids=courses, cause=cause, about=about, since=since, by=by, at=at)


def _tell(duties: Sequence[TrainingDuty], at: datetime) -> None:
    titles = {course.pk: course for course in Course.objects.filter(pk__in={one.course_id for one in duties})}
    people = get_user_model().objects.in_bulk({one.user_id for one in duties})
    for duty in duties:
        course = titles[duty.course_id]
        notify(
            recipient=people[duty.user_id],
            kind=f"training_{duty.cause}",
            zh=f"请在 {duty.due_on} 前完成课程《{course.title_zh}》",
            en=f"Take the course “{course.title_en}” by {duty.due_on}",
            at=at,
            url="/compliance/training/",
            subject=f"duty:{duty.pk}",
        )


def _recorded(
    event: str, rows: list[Any], by: Any, at: datetime, *, subject: str = "training:assignments"
) -> None:
    people = {row.user_id for row in rows}
    only = next(iter(people)) if len(people) == 1 and subject == "training:assignments" else None
    record(f"compliance.{event}", subject=f"user:{only}" if only else subject, by=by, at=at, rows=rows)
