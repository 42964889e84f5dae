"""Pages of the register of impact assessments, and of whom personal data are given to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance import actions, permissions
from compliance.actions.assessments import FLOW
from compliance.choices import ApprovalState, AssessmentState
from compliance.doors import say
from compliance.forms.privacy import AssessmentForm, RecipientForm, ReturnForm, ReviewForm
from compliance.models import ImpactAssessment
from compliance.selectors import assessments as register
from compliance.selectors import exports as reads
from compliance.selectors.approvals import requests_about
from compliance.subjects import resting_on, title_of, url_of
from pharmacrm.common.errors import DomainError
from pharmacrm.common.files import open_verified, store
from pharmacrm.common.listing import page_of

PDF = "application/pdf"
MOVES = {
    "approve": actions.approve_assessment,
    "return": actions.return_assessment,
    "withdraw": actions.withdraw_assessment,
    "retire": actions.retire_assessment,
}


@login_required
@require_GET
def assessment_list(request: HttpRequest) -> HttpResponse:
    """The register: number, what, state, day of review."""
    _may_read(request)
    context = {
        "page": page_of(register.assessments(), request, order=("-number",)),
        "today": timezone.localdate(),
        "may_write": permissions.can_write_assessment(request.user),
    }
    return render(request, "compliance/assessment_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def assessment_new(request: HttpRequest) -> HttpResponse:
    """Write an assessment."""
    if not permissions.can_write_assessment(request.user):
        raise PermissionDenied
    return _assessment_form(request, None)


@login_required
@require_http_methods(["GET", "POST"])
def assessment_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write one's own draft anew."""
    _may_read(request)
    row = get_object_or_404(register.assessments(), pk=pk)
    if not _may_change(request, row):
        raise PermissionDenied
    return _assessment_form(request, row)


def _assessment_form(request: HttpRequest, row: ImpactAssessment | None) -> HttpResponse:
    is_post = request.method == "POST"
    names = [*actions.AssessmentWords.__dataclass_fields__, "review_on"] if row else []
    given = {name: getattr(row, name) for name in names}
    form = AssessmentForm(request.POST, request.FILES) if is_post else AssessmentForm(initial=given)
    if is_post and form.is_valid():
        said = dict(form.cleaned_data)
        by, at = request.user, timezone.now()
        try:
            ask = {"file": _kept(request, said.pop("file")), "review_on": said.pop("review_on")}
            words = actions.AssessmentWords(**said)
            made = (
                actions.change_assessment(assessment_id=row.pk, words=words, **ask, by=by, at=at)
                if row
                else actions.draft_assessment(words=words, **ask, by=by, at=at)
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(
                request, _("Kept as %(number)s. A second person approves it.") % {"number": made.number}
            )
            return redirect("compliance:assessment-detail", pk=made.pk)
    context = {"form": form, "row": row}
    return render(request, "compliance/assessment_form.html", context, status=400 if form.errors else 200)


@login_required
@require_GET
def assessment_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One assessment, who was asked to approve it, and what rests on it."""
    _may_read(request)
    return _assessment_page(request, pk)


@login_required
@require_POST
def assessment_move(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Approve an assessment, hand it back, take one's own back, or retire it."""
    _may_read(request)
    get_object_or_404(register.assessments(), pk=pk)
    form = {"approve": ReviewForm, "return": ReturnForm}.get(verb, forms.Form)(request.POST)
    given: dict[str, Any] = {"assessment_id": pk, "by": request.user, "at": timezone.now()}
    if verb not in MOVES:
        raise Http404
    try:
        if form.is_valid():
            MOVES[verb](**given, **form.cleaned_data)
    except DomainError as refusal:
        say(form, refusal)
    if form.errors:
        return _assessment_page(request, pk, status=400, **{f"{verb}_form": form})
    messages.success(request, _("Recorded."))
    return redirect("compliance:assessment-detail", pk=pk)


@login_required
@require_GET
def assessment_file(request: HttpRequest, pk: UUID) -> FileResponse:
    """The report of an assessment."""
    _may_read(request)
    row = get_object_or_404(register.assessments(), pk=pk, file__isnull=False)
    return FileResponse(
        open_verified(row.file), as_attachment=True, filename=f"{row.number}.pdf", content_type=PDF
    )


@login_required
@require_http_methods(["GET", "POST"])
def export_list(request: HttpRequest) -> HttpResponse:
    """How many persons were given abroad this year against the lines of the law; recipients; every export counted."""
    if not permissions.can_read_exports(request.user):
        raise PermissionDenied
    form = RecipientForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not permissions.can_keep_recipients(request.user):
            raise PermissionDenied
        if form.is_valid():
            try:
                actions.save_recipient(by=request.user, at=timezone.now(), **form.cleaned_data)
            except DomainError as refusal:
                say(form, refusal)
            else:
                messages.success(request, _("The recipient is entered."))
                return redirect("compliance:export-list")
    year = timezone.localdate().year
    given = reads.given_abroad(year)
    context: dict[str, Any] = {
        "year": year,
        "lines": [
            reads.Line(
                _("Persons given abroad: beyond this a contract or certificate"), given.persons, 100_000
            ),
            reads.Line(
                _("Persons given abroad: beyond this the authority's assessment"), given.persons, 1_000_000
            ),
            reads.Line(
                _("Persons with sensitive data: beyond this the authority's assessment"),
                given.sensitive,
                10_000,
            ),
        ],
        "recipients": reads.recipients(),
        "by_recipient": reads.tallies_by_recipient(year),
        "page": page_of(reads.tallies(), request, order=("-at", "-id")),
        "form": form,
        "may_keep": permissions.can_keep_recipients(request.user),
    }
    return render(request, "compliance/export_list.html", context, status=400 if form.errors else 200)


def _assessment_page(
    request: HttpRequest,
    pk: UUID,
    status: int = 200,
    *,
    approve_form: forms.Form | None = None,
    return_form: forms.Form | None = None,
    **others: forms.Form,
) -> HttpResponse:
    row = get_object_or_404(register.assessments(), pk=pk)
    asked = requests_about(FLOW, f"assessment:{row.pk}").first()
    waits = row.state == AssessmentState.DRAFT and not (asked and asked.state != ApprovalState.OPEN)
    may_decide = permissions.can_approve_assessment(request.user) and row.author_id != request.user.pk
    context = {
        "row": row,
        "asked": asked,
        "form": approve_form or ReviewForm(initial={"review_on": row.review_on}),
        "return_form": return_form or ReturnForm(),
        "refused": next(iter(others.values()), None),
        "resting": [
            (title_of(subject) or subject, url_of(subject))
            for one in resting_on([f"assessment:{row.number}"], timezone.now())
            for subject in one.subjects
        ],
        "recipients": row.recipients.order_by("name"),
        "is_due": row.state == AssessmentState.APPROVED
        and row.review_on is not None
        and row.review_on <= timezone.localdate(),
        "may_approve": may_decide and waits,
        "may_change": _may_change(request, row),
        "may_withdraw": waits and asked is not None and row.author_id == request.user.pk,
        "may_retire": permissions.can_approve_assessment(request.user)
        and row.state == AssessmentState.APPROVED,
    }
    return render(request, "compliance/assessment_detail.html", context, status=status)


def _may_change(request: HttpRequest, row: ImpactAssessment) -> bool:
    return (
        row.state == AssessmentState.DRAFT
        and row.author_id == request.user.pk
        and permissions.can_write_assessment(request.user)
    )


def _may_read(request: HttpRequest) -> None:
    if not permissions.can_read_assessments(request.user):
        raise PermissionDenied


def _kept(request: HttpRequest, upload: Any) -> Any:
    if not upload:
        return None
    if upload.content_type != PDF:
        raise actions.AssessmentNotMoved(_("The report is a PDF."), field="file")
    limit = min(settings.MAX_UPLOAD_BYTES, 20 * 1024 * 1024)
    return store(upload.chunks(), media_type=PDF, by=request.user, at=timezone.now(), max_bytes=limit)
