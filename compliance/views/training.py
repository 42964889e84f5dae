"""Take a course in the browser, with or without scripts: read, answer cases, be examined. Everybody sees only their own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance import actions, permissions
from compliance.choices import AttemptState, CourseState
from compliance.models import CourseFile, CourseVersion, QuizAttempt
from compliance.rules.courses import is_right
from compliance.selectors.statutes import rule_on
from compliance.selectors.training import (
    Asked,
    Standing,
    asked_in,
    attempts_of,
    learnable_versions,
    my_courses,
    standing_in,
)
from compliance.subjects import title_of, url_of
from pharmacrm.common.files import FileAltered, open_verified


def layout_of(request: HttpRequest) -> str:
    """Return the shell of a learner's pages: the phone's once it was opened from there, until the desk's is asked for."""
    asked = request.GET.get("shell", "")
    if asked in ("field", "desk"):
        request.session["training_shell"] = asked
    return "field.html" if request.session.get("training_shell") == "field" else "base.html"


def _learner(request: HttpRequest) -> None:
    if not permissions.can_learn(request.user):
        raise PermissionDenied


def _version(request: HttpRequest, pk: UUID) -> CourseVersion:
    _learner(request)
    return get_object_or_404(learnable_versions(), pk=pk)


@login_required
@require_GET
def my_training(request: HttpRequest) -> HttpResponse:
    """Show a learner's own courses and certificates."""
    _learner(request)
    at = timezone.now()
    lines = my_courses(request.user, at)
    context = {
        "to_take": [line for line in lines if line.duty or line.stops_work],
        "held": [line for line in lines if not (line.duty or line.stops_work)],
        "today": timezone.localdate(at),
    }
    return render(request, "compliance/training/mine.html", {"layout": layout_of(request), **context})


@login_required
@require_GET
def course_begin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a course's parts with what is done, and lead on."""
    version = _version(request, pk)
    at = timezone.now()
    standing = standing_in(request.user, version, at)
    context = {
        "version": version,
        "standing": standing,
        "next_url": _next_url(standing),
        "waits": standing.next_try_at if standing.next_try_at and standing.next_try_at > at else None,
        "tries": attempts_of(request.user)
        .filter(version=version)
        .exclude(state=AttemptState.OPEN)
        .order_by("-number"),
    }
    return render(request, "compliance/training/course.html", {"layout": layout_of(request), **context})


@login_required
@require_http_methods(["GET", "POST"])
def chapter(request: HttpRequest, pk: UUID, key: str) -> HttpResponse:
    """Show one chapter; saying it is read leads on."""
    version = _version(request, pk)
    standing = standing_in(request.user, version, timezone.now())
    found = next((one for one in standing.content.chapters if one.key == key), None)
    if found is None:
        raise Http404
    if request.method == "POST":
        try:
            actions.read_chapter(version_id=pk, key=key, by=request.user, at=timezone.now())
        except actions.NotExamined as refusal:
            messages.error(request, refusal.message)
            return redirect("compliance:course-begin", pk=pk)
        return redirect(_after(standing, key))
    files = {str(file.pk): file for file in version.files.select_related("stored")}
    context = {
        "version": version,
        "chapter": found,
        "file": files.get(found.file),
        "link": (title_of(found.link), url_of(found.link)) if found.link else None,
        "is_read": key in standing.read,
        "place": standing.content.chapters.index(found) + 1,
        "of": len(standing.content.chapters),
        "next_url": _after(standing, key),
        "before_url": _before(standing, key),
    }
    return render(request, "compliance/training/chapter.html", {"layout": layout_of(request), **context})


@login_required
@require_http_methods(["GET", "POST"])
def exercise(request: HttpRequest, pk: UUID, key: str) -> HttpResponse:
    """Show one case; after the first answer, what is right and why."""
    version = _version(request, pk)
    at = timezone.now()
    if request.method == "POST":
        given = request.POST.get("choice", "")
        try:
            actions.answer_exercise(
                version_id=pk, key=key, choice=int(given) if given.isdecimal() else -1, by=request.user, at=at
            )
        except actions.NotExamined as refusal:
            messages.error(request, refusal.message)
        return redirect("compliance:exercise", pk=pk, key=key)
    standing = standing_in(request.user, version, at)
    found = next((one for one in standing.content.exercises if one.key == key), None)
    if found is None:
        raise Http404
    chosen = standing.answers.get(key)
    context = {
        "version": version,
        "exercise": found,
        "chosen": chosen,
        "rule": rule_on(found.rule, at) if found.rule and chosen is not None else None,
        "place": standing.content.exercises.index(found) + 1,
        "of": len(standing.content.exercises),
        "next_url": _after(standing, key),
        "before_url": _before(standing, key),
    }
    return render(request, "compliance/training/exercise.html", {"layout": layout_of(request), **context})


@login_required
@require_POST
def quiz_begin(request: HttpRequest, pk: UUID) -> HttpResponse:
    _version(request, pk)
    try:
        attempt = actions.begin_quiz(version_id=pk, by=request.user, at=timezone.now())
    except actions.NotExamined as refusal:
        messages.error(request, refusal.message)
        return redirect("compliance:course-begin", pk=pk)
    return redirect("compliance:quiz", pk=attempt.pk)


@login_required
@require_http_methods(["GET", "POST"])
def quiz(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a person's own quiz to answer, or its result once it is handed in."""
    _learner(request)
    attempt = get_object_or_404(attempts_of(request.user), pk=pk)
    if request.method == "POST":
        given = {key: _places(request.POST.getlist(key)) for key in attempt.questions}
        try:
            actions.submit_quiz(attempt_id=pk, answers=given, by=request.user, at=timezone.now())
        except actions.NotExamined as refusal:
            if attempt.state == AttemptState.OPEN and attempt.version.state == CourseState.PUBLISHED:
                return _quiz_page(request, attempt, given, refusal)
            messages.error(request, refusal.message)
        return redirect("compliance:quiz", pk=pk)
    if attempt.state == AttemptState.OPEN:
        return _quiz_page(request, attempt, {}, None)
    return _result_page(request, attempt)


@login_required
@require_GET
def course_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out a PDF of a course in use, or of any version to its authors, after its bytes were checked."""
    _learner(request)
    file = get_object_or_404(CourseFile.objects.select_related("stored", "version"), pk=pk)
    if file.version.state != CourseState.PUBLISHED and not permissions.can_read_courses(request.user):
        raise Http404
    try:
        with open_verified(file.stored) as kept:
            answer = HttpResponse(kept.read(), content_type="application/pdf")
    except FileAltered as refusal:
        messages.error(request, refusal.message)
        return redirect("compliance:my-training")
    answer["Content-Disposition"] = content_disposition_header(True, f"{file.name}.pdf")
    answer["Cache-Control"] = "private, no-store"
    return answer


def _quiz_page(
    request: HttpRequest,
    attempt: QuizAttempt,
    given: dict[str, list[int]],
    refusal: actions.NotExamined | None,
) -> HttpResponse:
    rows = [
        {
            "asked": asked,
            "options": [
                (place, asked.question.options[place], place in given.get(asked.question.key, ()))
                for place in asked.order
            ],
            "is_missing": bool(refusal) and not given.get(asked.question.key),
        }
        for asked in asked_in(attempt)
    ]
    context = {
        "attempt": attempt,
        "version": attempt.version,
        "rows": rows,
        "missing": [row["asked"] for row in rows if row["is_missing"]],
        "refusal": refusal,
    }
    return render(
        request,
        "compliance/training/quiz.html",
        {"layout": layout_of(request), **context},
        status=400 if refusal else 200,
    )


def _result_page(request: HttpRequest, attempt: QuizAttempt) -> HttpResponse:
    at = timezone.now()
    standing = standing_in(request.user, attempt.version, at)
    context = {
        "attempt": attempt,
        "version": attempt.version,
        "rows": [_answered(asked, attempt, at) for asked in asked_in(attempt)],
        "certificate": getattr(attempt, "certificate", None),
        "waits": standing.next_try_at if standing.next_try_at and standing.next_try_at > at else None,
        "may_try": attempt.version.state == CourseState.PUBLISHED,
    }
    return render(request, "compliance/training/result.html", {"layout": layout_of(request), **context})


def _answered(asked: Asked, attempt: QuizAttempt, at: Any) -> dict[str, Any]:
    chosen = attempt.answers.get(asked.question.key, [])
    return {
        "asked": asked,
        "is_right": is_right(asked.question, chosen),
        "options": [
            (asked.question.options[place], place in chosen, place in asked.question.right)
            for place in asked.order
        ],
        "rule": rule_on(asked.question.rule, at) if asked.question.rule else None,
    }


def _places(values: list[str]) -> list[int]:
    return [int(value) for value in values if value.isdecimal() and len(value) < 4]


def _steps(standing: Standing) -> list[tuple[str, str]]:
    pk = standing.version.pk
    return [
        *((one.key, reverse("compliance:chapter", args=[pk, one.key])) for one in standing.content.chapters),
        *(
            (one.key, reverse("compliance:exercise", args=[pk, one.key]))
            for one in standing.content.exercises
        ),
    ]


def _after(standing: Standing, key: str) -> str:
    steps = _steps(standing)
    place = next(n for n, (one, _url) in enumerate(steps) if one == key)
    if place + 1 < len(steps):
        return steps[place + 1][1]
    return reverse("compliance:course-begin", args=[standing.version.pk])


def _before(standing: Standing, key: str) -> str:
    steps = _steps(standing)
    place = next(n for n, (one, _url) in enumerate(steps) if one == key)
    return steps[place - 1][1] if place else ""


def _next_url(standing: Standing) -> str:
    """Return the first part that is not done yet, or nothing when all is."""
    done = standing.read | set(standing.answers)
    return next((url for key, url in _steps(standing) if key not in done), "")
