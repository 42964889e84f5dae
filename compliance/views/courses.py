"""Write courses in the browser: versions, their parts, terms and files, publishing, and who has to take them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance import actions, permissions
from compliance.actions.courses import PUBLICATION
from compliance.choices import ApprovalState, CourseState, DutyState
from compliance.doors import needs_code, proof_of, say
from compliance.forms.courses import (
    AssignmentForm,
    ChapterForm,
    CourseFileForm,
    ExerciseForm,
    QuestionForm,
    TermsForm,
    initial_of,
)
from compliance.models import Course, CourseVersion, TrainingDuty
from compliance.rules.courses import content_of
from compliance.selectors.approvals import requests_about
from compliance.selectors.training import version_pages
from compliance.teams import teams_on
from pharmacrm.common import files
from pharmacrm.common.errors import DomainError
from pharmacrm.common.signing_forms import SignForm

TITLES = {
    "chapters": (gettext_lazy("Add a chapter"), gettext_lazy("Chapter")),
    "exercises": (gettext_lazy("Add a case"), gettext_lazy("Case of a course")),
    "questions": (gettext_lazy("Add a question"), pgettext_lazy("quiz", "Question")),
}
MOST_BYTES = 30 << 20
TERMS = ("drawn", "pass_mark", "attempts", "cool_down_hours", "months_valid", "is_material", "what_changed")


def _reader(request: HttpRequest) -> None:
    if not (permissions.can_read_courses(request.user) or permissions.can_read_staff(request.user)):
        raise PermissionDenied


@login_required
@require_GET
def course_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a course: its versions, and who has to take it."""
    _reader(request)
    return _course_page(request, get_object_or_404(Course, pk=pk), _assignment_form(None))


@login_required
@require_POST
def course_assign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Require a course of a role, in one team or all, for one product or all."""
    course = get_object_or_404(Course, pk=pk)
    _reader(request)
    form = _assignment_form(request.POST)
    if form.is_valid():
        try:
            actions.assign_course(course_id=pk, **form.cleaned_data, by=request.user, at=timezone.now())
        except actions.QualificationNotRecorded as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("Recorded."))
            return redirect("compliance:course-detail", pk=pk)
    return _course_page(request, course, form, status=400)


@login_required
@require_POST
def assignment_end(request: HttpRequest, pk: UUID, assignment: UUID) -> HttpResponse:
    """End what a role has to take, from today."""
    course = get_object_or_404(Course, pk=pk)
    row = get_object_or_404(course.assignments, pk=assignment)
    at = timezone.now()
    try:
        actions.end_assignment(assignment_id=row.pk, on=timezone.localdate(at), by=request.user, at=at)
    except actions.DutyNotChanged as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("It is asked of nobody new from today."))
    return redirect("compliance:course-detail", pk=pk)


@login_required
@require_POST
def course_retire(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(Course, pk=pk)
    try:
        actions.retire_course(
            course_id=pk, reason=request.POST.get("reason", ""), by=request.user, at=timezone.now()
        )
    except actions.CourseNotChanged as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The course is retired."))
    return redirect("compliance:course-detail", pk=pk)


@login_required
@require_POST
def version_draft(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin a new version as a copy of the one in use, or open the draft that stands."""
    get_object_or_404(Course, pk=pk)
    try:
        version = actions.draft_version(course_id=pk, by=request.user, at=timezone.now())
    except actions.CourseNotChanged as refusal:
        messages.error(request, refusal.message)
        return redirect("compliance:course-detail", pk=pk)
    return redirect("compliance:version-detail", pk=version.pk)


@login_required
@require_GET
def version_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a version as its authors see it, with the right answers, and what it lacks."""
    return _version_page(request, pk, {})


@login_required
@require_http_methods(["GET", "POST"])
def part_edit(request: HttpRequest, pk: UUID, part: str, key: str = "") -> HttpResponse:
    """Add or change a chapter, a case or a question of a draft."""
    if not permissions.can_write_course(request.user):
        raise PermissionDenied
    version = get_object_or_404(version_pages(), pk=pk)
    if part not in TITLES or version.state != CourseState.DRAFT:
        raise Http404
    item = next((one for one in version.content.get(part, []) if one["key"] == key), None)
    if key and item is None:
        raise Http404
    form = _part_form(version, part, request.POST or None, item or {})
    if request.method == "POST" and form.is_valid():
        try:
            actions.put_part(
                version_id=pk, part=part, key=key, item=form.item(), by=request.user, at=timezone.now()
            )
        except actions.CourseNotChanged as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("Kept."))
            answer = redirect("compliance:version-detail", pk=pk)
            answer["Location"] += f"#{part}"
            return answer
    add, one = TITLES[part]
    context = {"version": version, "form": form, "title": one if key else add, "key": key}
    return render(request, "compliance/training/part_edit.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def part_act(request: HttpRequest, pk: UUID, part: str, key: str, verb: str) -> HttpResponse:
    """Move a part up or down, or take it out."""
    get_object_or_404(version_pages(), pk=pk)
    if part not in TITLES or verb not in ("up", "down", "remove"):
        raise Http404
    try:
        if verb == "remove":
            actions.remove_part(version_id=pk, part=part, key=key, by=request.user, at=timezone.now())
        else:
            actions.move_part(
                version_id=pk, part=part, key=key, up=verb == "up", by=request.user, at=timezone.now()
            )
    except actions.CourseNotChanged as refusal:
        messages.error(request, refusal.message)
    answer = redirect("compliance:version-detail", pk=pk)
    answer["Location"] += f"#{part}"
    return answer


@login_required
@require_POST
def version_terms(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Set how a draft is examined and what changed."""
    get_object_or_404(version_pages(), pk=pk)
    form = TermsForm(request.POST, auto_id="terms_%s")
    if form.is_valid():
        try:
            actions.set_terms(version_id=pk, by=request.user, at=timezone.now(), **form.cleaned_data)
        except actions.CourseNotChanged as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("Kept."))
            return redirect("compliance:version-detail", pk=pk)
    return _version_page(request, pk, {"terms": form}, status=400)


@login_required
@require_POST
def version_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a PDF with a draft."""
    if not permissions.can_write_course(request.user):
        raise PermissionDenied
    get_object_or_404(version_pages(), pk=pk)
    form = CourseFileForm(request.POST, request.FILES, auto_id="file_%s")
    if form.is_valid():
        upload = form.cleaned_data["file"]
        head = upload.read(5)
        upload.seek(0)
        at = timezone.now()
        if head != b"%PDF-":
            form.add_error("file", _("This is no PDF."))
        else:
            try:
                stored = files.store(
                    upload.chunks(),
                    media_type="application/pdf",
                    by=request.user,
                    at=at,
                    max_bytes=MOST_BYTES,
                )
                actions.add_course_file(
                    version_id=pk, stored=stored, name=form.cleaned_data["name"], by=request.user, at=at
                )
            except DomainError as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(request, _("Kept. A chapter can point at it now."))
                return redirect("compliance:version-detail", pk=pk)
    return _version_page(request, pk, {"file": form}, status=400)


@login_required
@require_POST
def version_ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask those who may publish for a draft as it stands."""
    if not permissions.can_write_course(request.user):
        raise PermissionDenied
    get_object_or_404(version_pages(), pk=pk)
    try:
        actions.ask_publication(version_id=pk, by=request.user, at=timezone.now())
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Asked. Whoever may publish finds it in their inbox."))
    return redirect("compliance:version-detail", pk=pk)


@login_required
@require_POST
def version_publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a draft into use by the signature of somebody who did not write in it."""
    version = get_object_or_404(version_pages(), pk=pk)
    if not permissions.can_publish_course(request.user, version):
        raise PermissionDenied
    form = SignForm(request.POST)
    if form.is_valid():
        try:
            actions.publish_version(
                version_id=pk, by=request.user, at=timezone.now(), proof=proof_of(request)
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Published. Whoever has to take it was told."))
            return redirect("compliance:course-detail", pk=version.course_id)
    return _version_page(request, pk, {"sign": form}, status=400)


def _course_page(
    request: HttpRequest, course: Course, form: AssignmentForm, status: int = 200
) -> HttpResponse:
    versions = course.versions.select_related("drafted_by", "published_by").order_by("-number")
    names = dict(teams_on(timezone.localdate()))
    duties = TrainingDuty.objects.filter(course=course, state=DutyState.OPEN, user__is_active=True)
    context = {
        "course": course,
        "versions": versions,
        "assignments": [
            (row, names.get(row.team, "")) for row in course.assignments.order_by("-valid_from", "role")
        ],
        "may_write": permissions.can_write_course(request.user) and not course.is_retired,
        "can_change": permissions.can_change_staff(request.user) and not course.is_retired,
        "form": form,
        "open_duties": duties.count(),
        "sees_board": permissions.can_see_everybodys_training(request.user),
        "today": timezone.localdate(),
    }
    return render(request, "compliance/training/course_detail.html", context, status=status)


def _version_page(request: HttpRequest, pk: UUID, bound: dict[str, Any], status: int = 200) -> HttpResponse:
    _reader(request)
    if not permissions.can_read_courses(request.user):
        raise PermissionDenied
    version = get_object_or_404(version_pages(), pk=pk)
    at = timezone.now()
    is_draft = version.state == CourseState.DRAFT
    may_write = is_draft and permissions.can_write_course(request.user)
    gaps = actions.publish_gaps(version, at) if is_draft else []
    terms = {name: getattr(version, name) for name in TERMS} | {
        "product_codes": ", ".join(version.product_codes)
    }
    fingerprint = actions.version_fingerprint(version)
    may_publish = is_draft and permissions.can_publish_course(request.user, version)
    asked = next(
        (one for one in requests_about(PUBLICATION, f"course:{version.course_id}")[:20]
         if one.payload.get("version") == str(version.pk)),
        None,
    )  # fmt: skip
    context = {
        "asked": asked,
        "may_ask": may_write and not gaps and not (asked and asked.state == ApprovalState.OPEN),
        "version": version,
        "content": content_of(version.content),
        "course_files": {str(file.pk): file for file in version.files.all()},
        "gaps": gaps,
        "may_write": may_write,
        "may_publish": may_publish,
        "terms": bound.get("terms") or TermsForm(initial=terms, auto_id="terms_%s"),
        "file_form": bound.get("file") or CourseFileForm(auto_id="file_%s"),
        "form": bound.get("sign") or SignForm(),
        "fingerprint": fingerprint,
        "needs_code": may_publish and needs_code(request),
        "at": at,
    }
    return render(request, "compliance/training/version_detail.html", context, status=status)


def _part_form(version: CourseVersion, part: str, given: Any, item: dict[str, Any]) -> Any:
    initial = initial_of(part, item) if item else {}
    if part == "chapters":
        kept = [(str(file.pk), file.name) for file in version.files.all()]
        return ChapterForm(given, initial=initial, files=kept)
    shape = ExerciseForm if part == "exercises" else QuestionForm
    return shape(given, initial=initial)


def _assignment_form(given: Any) -> AssignmentForm:
    today = timezone.localdate()
    return AssignmentForm(given, teams=teams_on(today), auto_id="assign_%s", initial={"valid_from": today})
