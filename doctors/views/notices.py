"""Pages of privacy notices: versions, what differs, what rests on them, publishing by a second person."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance.choices import ApprovalState
from compliance.selectors.approvals import requests_about
from doctors import actions, permissions, selectors
from doctors.actions.notice_publication import FLOW
from doctors.choices import NoticeState
from doctors.forms.consents import NoticeAnswerForm, NoticeForm, NoticeWordsForm
from doctors.models import ConsentNotice
from pharmacrm.common.errors import DomainError


@login_required
@require_GET
def notice_list(request: HttpRequest) -> HttpResponse:
    """List every version of every notice, with how many consents rest on it."""
    context = {
        "lines": selectors.notice_lines(timezone.localdate()),
        "may_keep": permissions.can_keep_notices(request.user),
    }
    return render(request, "doctors/notice_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def notice_new(request: HttpRequest) -> HttpResponse:
    """Draft the next version of a purpose's notice."""
    if not permissions.can_keep_notices(request.user):
        raise PermissionDenied
    purpose = request.GET.get("purpose", "")
    before = selectors.notice_in_force(purpose, timezone.localdate())
    form = NoticeForm(
        request.POST if request.method == "POST" else None,
        initial={
            "purpose": purpose,
            "text_zh": before.text_zh if before else "",
            "text_en": before.text_en if before else "",
            "valid_from": timezone.localdate(),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            notice = actions.draft_notice(by=request.user, at=timezone.now(), **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("The draft is kept. A second person publishes it."))
            return redirect("doctors:notice-detail", pk=notice.pk)
    return render(request, "doctors/notice_form.html", {"form": form}, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def notice_change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change one's own draft; what was asked about the words before is void."""
    notice = get_object_or_404(selectors.notices(), pk=pk)
    if not _is_own_draft(request, notice):
        raise PermissionDenied
    form = NoticeWordsForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(notice, name) for name in NoticeWordsForm.base_fields},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_notice(notice_id=pk, by=request.user, at=timezone.now(), **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("The draft is changed, and approval is asked anew."))
            return redirect("doctors:notice-detail", pk=pk)
    context = {"form": form, "notice": notice, "purpose_name": selectors.name_of(notice.purpose)}
    return render(request, "doctors/notice_form.html", context, status=400 if form.errors else 200)


@login_required
@require_GET
def notice_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one version: its words, what differs from the one before, what rests on it, who was asked."""
    return _notice_page(request, get_object_or_404(selectors.notices(), pk=pk))


@login_required
@require_POST
def notice_move(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Publish a draft, send it back or drop it: the same answer as in the inbox."""
    move = {
        "publish": lambda said, **who: actions.publish_notice(**who),
        "return": lambda said, **who: actions.return_notice(reason=said, **who),
        "drop": lambda said, **who: actions.drop_notice(reason=said, **who),
    }.get(verb)
    if move is None:
        raise Http404
    if not permissions.can_keep_notices(request.user):
        raise PermissionDenied
    notice = get_object_or_404(selectors.notices(), pk=pk)
    form = NoticeAnswerForm(request.POST)
    if form.is_valid():
        try:
            move(form.cleaned_data["comment"], notice_id=pk, by=request.user, at=timezone.now())
        except DomainError as refusal:
            form.add_error("comment" if refusal.field == "comment" else None, refusal.message)
        else:
            return redirect("doctors:notice-detail", pk=pk)
    return _notice_page(request, notice, answer=form)


def _notice_page(
    request: HttpRequest, notice: ConsentNotice, *, answer: NoticeAnswerForm | None = None
) -> HttpResponse:
    before = selectors.notice_before(notice)
    asked = requests_about(FLOW, f"notice:{notice.pk}").first()
    may_keep = permissions.can_keep_notices(request.user)
    context = {
        "notice": notice,
        "before": before,
        "changes": selectors.notice_changes(before, notice),
        "resting": selectors.records_resting_on(notice),
        "purpose_name": selectors.name_of(notice.purpose),
        "may_keep": may_keep,
        "is_own": _is_own_draft(request, notice),
        "may_answer": may_keep
        and notice.state == NoticeState.DRAFT
        and notice.drafted_by_id != request.user.pk
        and (asked is None or asked.state == ApprovalState.OPEN),
        "asked": asked,
        "answer": answer or NoticeAnswerForm(),
    }
    return render(
        request, "doctors/notice_detail.html", context, status=400 if answer and answer.errors else 200
    )


def _is_own_draft(request: HttpRequest, notice: ConsentNotice) -> bool:
    return (
        permissions.can_keep_notices(request.user)
        and notice.state == NoticeState.DRAFT
        and notice.drafted_by_id == request.user.pk
    )
