"""Periodic review of the audit trail: the sample, its marks, the signature."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from compliance import permissions
from compliance.actions.reviews import mark_item, review_fingerprint, sign_review
from compliance.doors import needs_code, proof_of, say
from compliance.forms.reviews import MarkForm, SignReviewForm
from compliance.models import TrailReview, TrailReviewItem
from compliance.selectors.reviews import drawn_acts, reviews
from compliance.selectors.standing import signed_rows, standing_of
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of


def _guarded(request: HttpRequest) -> None:
    if not permissions.can_read_ledger(request.user):
        raise PermissionDenied


@login_required
@require_GET
def review_list(request: HttpRequest) -> HttpResponse:
    _guarded(request)
    page = page_of(reviews(), request, order=("-first_day", "-pk"))
    context = {"page": page, "today": timezone.localdate()}
    return render(request, "compliance/review_list.html", context)


@login_required
@require_GET
def review_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    _guarded(request)
    return _shown(request, get_object_or_404(reviews(), pk=pk), SignReviewForm())


@login_required
@require_POST
def review_mark(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Mark one drawn act; the page comes back at its row."""
    if not permissions.can_review_trail(request.user):
        raise PermissionDenied
    review = get_object_or_404(TrailReview, pk=pk)
    form = MarkForm(request.POST)
    if not form.is_valid():
        return _shown(request, get_object_or_404(reviews(), pk=pk), SignReviewForm(), status=400)
    item = get_object_or_404(TrailReviewItem, pk=form.cleaned_data["item"], review=review)
    try:
        mark_item(
            item_id=item.pk,
            mark=form.cleaned_data["mark"],
            note=form.cleaned_data["note"],
            by=request.user,
            at=timezone.now(),
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
    answer = redirect("compliance:review-detail", pk)
    answer["Location"] += f"#i{item.number}"
    return answer


@login_required
@require_POST
def review_sign(request: HttpRequest, pk: UUID) -> HttpResponse:
    if not permissions.can_review_trail(request.user):
        raise PermissionDenied
    review = get_object_or_404(reviews(), pk=pk)
    form = SignReviewForm(request.POST)
    if form.is_valid():
        try:
            sign_review(
                review_id=pk,
                conclusion=form.cleaned_data["conclusion"],
                by=request.user,
                at=timezone.now(),
                proof=proof_of(request),
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("The review is signed."))
            return redirect("compliance:review-detail", pk)
    return _shown(request, review, form, status=400)


def _shown(
    request: HttpRequest, review: TrailReview, form: SignReviewForm, status: int = 200
) -> HttpResponse:
    fingerprint = review_fingerprint(review)
    may_review = permissions.can_review_trail(request.user)
    context = {
        "review": review,
        "acts": drawn_acts(review),
        "form": form,
        "fingerprint": fingerprint,
        "standing": standing_of(review.signature, fingerprint, signed_rows(review))
        if review.signature
        else None,
        "may_review": may_review and review.state == "open",
        "left": review.drawn - review.marked,
        "needs_code": may_review and needs_code(request),
        "at": timezone.now(),
    }
    return render(request, "compliance/review_detail.html", context, status=status)
