"""Training: who needs which course, what a learner has before them, how a quiz stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.timezone import localtime

from compliance.choices import AttemptState, CourseState, DutyState
from compliance.models import (
    Certificate,
    Course,
    CourseAssignment,
    CourseVersion,
    FiledProduct,
    Learning,
    QuizAttempt,
    TrainingDuty,
)
from compliance.rules.courses import Content, Exercise, Question, content_of, next_try, option_order
from compliance.teams import teams_of

from .qualification import certificates_on


@dataclass(frozen=True)
class Asked:
    """One question as a learner sees it: its options in the drawn order, and no word about which is right."""

    number: int
    question: Question
    order: tuple[int, ...]


@dataclass(frozen=True)
class Standing:
    """Where one person stands in one version."""

    version: CourseVersion
    content: Content
    learning: Learning | None
    open_attempt: QuizAttempt | None
    failed: tuple[QuizAttempt, ...]
    certificate: Certificate | None
    duty: TrainingDuty | None
    next_try_at: datetime | None

    @property
    def read(self) -> set[str]:
        return set(self.learning.read) if self.learning else set()

    @property
    def answers(self) -> dict[str, int]:
        return dict(self.learning.answers) if self.learning else {}

    @property
    def steps(self) -> int:
        return len(self.content.chapters) + len(self.content.exercises)

    @property
    def done(self) -> int:
        chapters = sum(chapter.key in self.read for chapter in self.content.chapters)
        return chapters + sum(exercise.key in self.answers for exercise in self.content.exercises)

    @property
    def may_be_examined(self) -> bool:
        return self.done == self.steps


@dataclass(frozen=True)
class MyCourse:
    """One line of a learner's own page."""

    course: Course
    version: CourseVersion | None
    duty: TrainingDuty | None
    certificate: Certificate | None
    done: int
    steps: int
    is_overdue: bool
    stops_work: bool


def requirements_of(user_ids: Iterable[UUID] | None, at: datetime) -> dict[UUID, set[UUID]]:
    """Return the courses each active person needs: by role, by the products of their filing, by team.

    Cost: four queries, and one more where a course is asked of a team.
    """
    on = localtime(at).date()
    assignments = list(
        _on(CourseAssignment.objects, on)
        .filter(course__is_retired=False)
        .values_list("course_id", "role", "product_code", "team")
    )
    people = get_user_model().objects.filter(is_active=True)
    if user_ids is not None:
        people = people.filter(pk__in=list(user_ids))
    roles: dict[UUID, set[str]] = {}
    for pk, role in people.filter(groups__name__in={row[1] for row in assignments}).values_list(
        "pk", "groups__name"
    ):
        roles.setdefault(pk, set()).add(role)
    products: dict[UUID, set[str]] = {}
    if any(row[2] for row in assignments):
        filed = _on(FiledProduct.objects, on).filter(
            Q(filing__valid_until__isnull=True) | Q(filing__valid_until__gt=on),
            filing__valid_from__lte=on,
            filing__withdrawn_on__isnull=True,
            filing__user__in=roles,
        )
        for pk, code in filed.values_list("filing__user_id", "product_code"):
            products.setdefault(pk, set()).add(code)
    teams = teams_of(roles, on) if any(row[3] for row in assignments) else {}
    found: dict[UUID, set[UUID]] = {pk: set() for pk in people.values_list("pk", flat=True)}
    for pk, held in roles.items():
        found[pk] = {
            course
            for course, role, product, team in assignments
            if role in held
            and (not product or product in products.get(pk, ()))
            and (not team or team in teams.get(pk, ()))
        }
    return found


def my_courses(user: Any, at: datetime) -> list[MyCourse]:
    """Return what a person has to take, holds or has begun: overdue first, then by last day. Cost: a fixed number of queries."""
    on = localtime(at).date()
    needed = requirements_of([user.pk], at).get(user.pk, set())
    duties = {duty.course_id: duty for duty in TrainingDuty.objects.filter(user=user, state=DutyState.OPEN)}
    certificates: dict[UUID, Certificate] = {}
    for one in certificates_on(on, at).filter(user=user).order_by("valid_until"):
        kept = certificates.get(one.course_id)
        if kept is None or _ends(one) >= _ends(kept):
            certificates[one.course_id] = one
    learnings = {row.version_id: row for row in Learning.objects.filter(user=user)}
    begun = set(CourseVersion.objects.filter(pk__in=learnings).values_list("course_id", flat=True))
    courses = Course.objects.filter(pk__in=needed | set(duties) | set(certificates) | begun, is_retired=False)
    versions = {
        version.course_id: version
        for version in CourseVersion.objects.filter(course__in=courses, state=CourseState.PUBLISHED)
    }
    lines = []
    for course in courses:
        version, duty = versions.get(course.pk), duties.get(course.pk)
        content = content_of(version.content) if version else Content()
        learning = learnings.get(version.pk) if version else None
        certificate = certificates.get(course.pk)
        read, answered = (set(learning.read), set(learning.answers)) if learning else (set(), set())
        lines.append(
            MyCourse(
                course=course,
                version=version,
                duty=duty,
                certificate=certificate,
                done=sum(one.key in read for one in content.chapters)
                + sum(one.key in answered for one in content.exercises),
                steps=len(content.chapters) + len(content.exercises),
                is_overdue=bool(duty and duty.due_on < on),
                stops_work=course.pk in needed and certificate is None,
            )
        )
    return sorted(
        lines,
        key=lambda line: (
            not line.stops_work,
            line.duty is None,
            line.duty.due_on if line.duty else date.max,
            line.course.code,
        ),
    )


def standing_in(user: Any, version: CourseVersion, at: datetime) -> Standing:
    """Return where a person stands in a version. Cost: five queries."""
    on = localtime(at).date()
    attempts = list(QuizAttempt.objects.filter(user=user, version=version).order_by("number"))
    failed = tuple(one for one in attempts if one.state == AttemptState.FAILED)
    certificate = (
        certificates_on(on, at).filter(user=user, course=version.course_id).order_by("-valid_until").first()
    )
    return Standing(
        version=version,
        content=content_of(version.content),
        learning=Learning.objects.filter(user=user, version=version).first(),
        open_attempt=next((one for one in attempts if one.state == AttemptState.OPEN), None),
        failed=failed,
        certificate=certificate,
        duty=TrainingDuty.objects.filter(user=user, course=version.course_id, state=DutyState.OPEN).first(),
        next_try_at=pause_after(attempts, version),
    )


def pause_after(attempts: Iterable[QuizAttempt], version: CourseVersion) -> datetime | None:
    """Return from when the quiz may be tried again, or None for at once: failures since the last pass count."""
    failed: list[datetime] = []
    for one in attempts:
        if one.state == AttemptState.PASSED:
            failed = []
        elif one.state == AttemptState.FAILED and one.ended_at:
            failed.append(one.ended_at)
    return next_try(failed, attempts=version.attempts, cool_down=timedelta(hours=version.cool_down_hours))


def learnable_versions() -> QuerySet[CourseVersion]:
    """Return the versions in use, for learners."""
    return CourseVersion.objects.filter(state=CourseState.PUBLISHED, course__is_retired=False).select_related(
        "course"
    )


def asked_in(attempt: QuizAttempt) -> list[Asked]:
    """Return the questions of a try in the order drawn, each with its options in the drawn order."""
    content = content_of(attempt.version.content)
    asked = []
    for number, key in enumerate(attempt.questions, start=1):
        question = content.question(key)
        if question is not None:
            asked.append(Asked(number, question, tuple(option_order(attempt.seed, question))))
    return asked


def exercise_of(content: Content, key: str) -> Exercise | None:
    return next((one for one in content.exercises if one.key == key), None)


def attempts_of(user: Any) -> QuerySet[QuizAttempt]:
    """Return a person's own tries; nobody opens another's."""
    return QuizAttempt.objects.filter(user=user).select_related("version__course", "certificate")


def version_pages() -> QuerySet[CourseVersion]:
    """Return all versions with their course and people, for authors."""
    return CourseVersion.objects.select_related("course", "drafted_by", "published_by", "signature")


def _ends(certificate: Certificate) -> date:
    return min(certificate.valid_until, certificate.renew_by or date.max)


def _on(rows: Any, day: date) -> Any:
    return rows.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day), valid_from__lte=day)
