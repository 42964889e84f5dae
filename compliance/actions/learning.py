"""Take a course: read, answer cases, be examined, get the certificate. Everybody for themselves only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.choices import AttemptState, CourseState
from compliance.models import Certificate, Checkpoint, CourseVersion, Learning, QuizAttempt
from compliance.rules.courses import (
    Content,
    content_of,
    drawn_keys,
    is_right,
    months_later,
    points_of,
    seed_of,
)
from compliance.selectors.training import exercise_of, pause_after
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

from .duties import ensure_duties, settle_duty
from .recording import record


class NotExamined(DomainError):
    """The step cannot be taken; nothing was counted."""

    code = "not_examined"


@transaction.atomic
def read_chapter(*, version_id: UUID, key: str, by: Any, at: datetime) -> Learning:
    """Keep that a person read a chapter. Safe to say twice. Raises: PermissionDenied; NotExamined."""
    version = _version(version_id, by)
    if key not in {chapter.key for chapter in content_of(version.content).chapters}:
        raise NotExamined(_("This chapter is not in the course any more."))
    learning = _learning(version, by, at)
    if key not in learning.read:
        learning.read = [*learning.read, key]
        learning.save()
        record(
            "compliance.chapter_read", subject=f"course:{version.course_id}", by=by, at=at, rows=[learning]
        )
    return learning


@transaction.atomic
def answer_exercise(*, version_id: UUID, key: str, choice: int, by: Any, at: datetime) -> Learning:
    """Keep a person's answer to a case; the first counts, since the explanation is shown after it.

    Raises: PermissionDenied; NotExamined.
    """
    version = _version(version_id, by)
    exercise = exercise_of(content_of(version.content), key)
    if exercise is None:
        raise NotExamined(_("This exercise is not in the course any more."))
    if not 0 <= choice < len(exercise.choices):
        raise NotExamined(_("Choose one of the answers."), field="choice")
    learning = _learning(version, by, at)
    if key not in learning.answers:
        learning.answers = {**learning.answers, key: choice}
        learning.save()
        record(
            "compliance.exercise_answered",
            subject=f"course:{version.course_id}",
            by=by,
            at=at,
            rows=[learning],
        )
    return learning


@transaction.atomic
def begin_quiz(*, version_id: UUID, by: Any, at: datetime) -> QuizAttempt:
    """Draw a person's quiz; one that was begun goes on. The seed is the log's newest root with who, what and how often.

    Raises: PermissionDenied; NotExamined before all is read, or within the pause after failed tries.
    """
    version = _version(version_id, by)
    content = content_of(version.content)
    learning = _learning(version, by, at)
    tries = list(QuizAttempt.objects.filter(user=by, version=version).order_by("number"))
    standing = next((one for one in tries if one.state == AttemptState.OPEN), None)
    if standing is not None:
        return standing
    if not _all_read(content, learning):
        raise NotExamined(_("Read all chapters and answer the cases first."))
    again_at = pause_after(tries, version)
    if again_at is not None and at < again_at:
        raise NotExamined(
            _("You can try again from %(when)s on.")
            % {"when": localtime(again_at).strftime("%Y-%m-%d %H:%M")}
        )
    checkpoint = Checkpoint.objects.order_by("-size").first()
    number = (tries[-1].number if tries else 0) + 1
    seed = seed_of(bytes(checkpoint.root).hex() if checkpoint else "", by.pk, version.pk, number)
    attempt = QuizAttempt.objects.create(
        user=by,
        version=version,
        number=number,
        checkpoint_size=checkpoint.size if checkpoint else 0,
        seed=seed,
        questions=drawn_keys(seed, [question.key for question in content.questions], version.drawn),
        began_at=at,
    )
    record("compliance.quiz_begun", subject=f"course:{version.course_id}", by=by, at=at, rows=[attempt])
    return attempt


@transaction.atomic
def submit_quiz(
    *, attempt_id: UUID, answers: Mapping[str, Sequence[int]], by: Any, at: datetime
) -> QuizAttempt:
    """Grade a person's own quiz; a pass gives the certificate and settles the duty in the same transaction.

    Raises: PermissionDenied for another's quiz; NotExamined when it is over, or a question has no answer.
    """
    attempt = (
        QuizAttempt.objects.select_for_update(of=("self",))
        .select_related("version__course")
        .get(pk=attempt_id)
    )
    if attempt.user_id != by.pk or not permissions.can_learn(by):
        raise PermissionDenied
    if attempt.state != AttemptState.OPEN:
        raise NotExamined(_("This quiz was handed in already."))
    if attempt.version.state != CourseState.PUBLISHED:
        raise NotExamined(_("This version is no longer in use. Take the new one."))
    content = content_of(attempt.version.content)
    kept: dict[str, list[int]] = {}
    right = 0
    for key in attempt.questions:
        question = content.question(key)
        if question is None:
            continue
        chosen = sorted({place for place in answers.get(key, ()) if 0 <= place < len(question.options)})
        if not chosen:
            raise NotExamined(_("Answer every question."), field=key)
        kept[key] = chosen
        right += is_right(question, chosen)
    attempt.answers, attempt.ended_at = kept, at
    attempt.points = points_of(right, len(attempt.questions))
    passed = attempt.points >= attempt.version.pass_mark
    attempt.state = AttemptState.PASSED if passed else AttemptState.FAILED
    attempt.save()
    rows: list[Any] = [attempt]
    if passed:
        rows.append(_certify(attempt, by, at))
    event = "compliance.certificate_earned" if passed else "compliance.quiz_failed"
    subject = f"user:{by.pk}" if passed else f"course:{attempt.version.course_id}"
    record(event, subject=subject, by=by, at=at, rows=rows)
    return attempt


@transaction.atomic
def revoke_certificate(*, certificate_id: UUID, reason: str, by: Any, at: datetime) -> Certificate:
    """Take a certificate back: from this moment it counts nowhere, and the course is to be taken again.

    Raises: PermissionDenied; NotExamined without a reason, or once it is revoked.
    """
    certificate = (
        Certificate.objects.select_for_update(of=("self",))
        .select_related("user", "course")
        .get(pk=certificate_id)
    )
    if not permissions.can_change_staff(by) or by.pk == certificate.user_id:
        raise PermissionDenied
    if certificate.revoked_at is not None:
        raise NotExamined(_("This certificate was revoked already."))
    if not reason.strip():
        raise NotExamined(_("Please give the reason."), field="reason")
    certificate.revoked_at, certificate.revoked_by, certificate.revoked_for = at, by, reason.strip()
    certificate.save()
    record(
        "compliance.certificate_revoked", subject=f"user:{certificate.user_id}", by=by, at=at,
        reason=certificate.revoked_for, rows=[certificate],
    )  # fmt: skip
    notify(
        recipient=certificate.user,
        kind="certificate_revoked",
        zh=f"您的证书 {certificate.number or certificate.course.code} 已被撤销，相关推广立即停止",
        en=f"Your certificate {certificate.number or certificate.course.code} was revoked; promotion that needs it stops now",
        at=at,
        url="/compliance/training/",
        subject=f"certificate:{certificate.pk}",
    )
    ensure_duties(user_ids=[certificate.user_id], by=by, at=at)
    return certificate


def _certify(attempt: QuizAttempt, by: Any, at: datetime) -> Certificate:
    day = localtime(at).date()
    version = attempt.version
    certificate = Certificate.objects.create(
        user=by,
        course=version.course,
        version=version,
        attempt=attempt,
        number=f"{version.course.code}-{day:%Y%m%d}-{attempt.pk.hex[-8:].upper()}",
        score=attempt.points or 0,
        valid_from=day,
        valid_until=months_later(day, version.months_valid),
    )
    settle_duty(certificate=certificate, at=at)
    return certificate


def _version(version_id: UUID, by: Any) -> CourseVersion:
    """Return the version in use, locked against parallel tries of one person by their learning row."""
    if not permissions.can_learn(by):
        raise PermissionDenied
    version = CourseVersion.objects.select_related("course").get(pk=version_id)
    if version.state != CourseState.PUBLISHED or version.course.is_retired:
        raise NotExamined(_("This version is no longer in use. Take the new one."))
    return version


def _learning(version: CourseVersion, by: Any, at: datetime) -> Learning:
    Learning.objects.get_or_create(user=by, version=version, defaults={"began_at": at})
    return Learning.objects.select_for_update().get(user=by, version=version)


def _all_read(content: Content, learning: Learning) -> bool:
    return {chapter.key for chapter in content.chapters} <= set(learning.read) and {
        exercise.key for exercise in content.exercises
    } <= set(learning.answers)
