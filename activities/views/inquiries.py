"""Desktop: medical's inquiries. What is answered stands behind the wall (C9)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from activities import actions, permissions, selectors
from activities.forms.desk import AnswerForm, InquiryFilter
from doctors import selectors as doctors
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of


@login_required
def inquiry_list(request: HttpRequest) -> HttpResponse:
    """The inquiries a person may know of, newest first."""
    if not permissions.can_see_inquiries(request.user):
        raise PermissionDenied
    form = InquiryFilter(request.GET)
    inquiries = selectors.inquiries_visible_to(request.user).filter(**form.chosen())
    page = page_of(inquiries, request, order=("-id",))
    cards = doctors.doctor_cards({row.doctor_id for row in page.rows})
    now = timezone.now()
    for row in page.rows:
        row.card = cards.get(row.doctor_id)
        row.is_late = row.answered_at is None and row.due_at < now
    return render(request, "activities/inquiry_list.html", {"form": form, "page": page})


@login_required
def inquiry_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One inquiry: the question; the answer only for who stands behind the wall."""
    inquiry = _visible_or_404(request, pk)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_inquiry(
                inquiry_id=pk,
                text=form.cleaned_data["text"],
                references=form.lines(),
                by=request.user,
                at=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("activities:inquiry-detail", pk=pk)
    return render(
        request,
        "activities/inquiry_detail.html",
        {
            "inquiry": inquiry,
            "card": doctors.doctor_card(inquiry.doctor_id),
            "answers": selectors.answers_behind_the_wall(request.user, inquiry),
            "form": form,
            "may_answer": permissions.can_answer_inquiry(request.user) and inquiry.answered_at is None,
        },
        status=400 if form.is_bound else 200,
    )


@login_required
@require_POST
def inquiry_take(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an inquiry over."""
    _visible_or_404(request, pk)
    try:
        actions.take_inquiry(inquiry_id=pk, by=request.user, at=timezone.now())
    except actions.InquiryNotMoved as error:
        messages.warning(request, error.message)
    return redirect("activities:inquiry-detail", pk=pk)


def _visible_or_404(request: HttpRequest, pk: UUID):
    if not permissions.can_see_inquiries(request.user):
        raise PermissionDenied
    inquiry = selectors.inquiries_visible_to(request.user).filter(pk=pk).first()
    if inquiry is None:
        raise Http404
    return inquiry
