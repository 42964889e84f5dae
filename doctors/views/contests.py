"""Pages of a contested tier and of the explanation a doctor has a right to."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from doctors import actions, permissions, selectors
from doctors.forms.contests import ContestAnswerForm, ContestForm
from doctors.models import TierContest
from doctors.views.segmentation import tier_page
from pharmacrm.common.leaving import Door, count_leaving


@login_required
@require_POST
def contest(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a tier is wrong."""
    if not permissions.can_ask_override(request.user):
        raise PermissionDenied
    form = ContestForm(request.POST)
    if form.is_valid():
        try:
            actions.contest_tier(doctor_id=pk, by=request.user, at=timezone.now(), **form.cleaned_data)
        except actions.ContestNotTaken as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect("doctors:tier-detail", pk=pk)
    return tier_page(request, pk, contest_form=form, status=400)


@login_required
@require_POST
def contest_decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Decide on a contested tier, with an answer."""
    if not permissions.can_decide_override(request.user):
        raise PermissionDenied
    found = get_object_or_404(TierContest, pk=pk)
    form = ContestAnswerForm(request.POST)
    if form.is_valid():
        try:
            actions.decide_contest(contest_id=pk, by=request.user, at=timezone.now(), **form.cleaned_data)
        except (actions.ContestNotTaken, actions.OverrideNotMade) as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("doctors:tier-detail", pk=found.doctor_id)
    return tier_page(request, found.doctor_id, answer_form=form, status=400)


@login_required
@require_GET
def explanation_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The explanation as PDF in the reader's language."""
    get_object_or_404(selectors.doctors_visible_to(request.user, timezone.localdate()), pk=pk)
    count_leaving(Door.PAPER, name="tier explanation", persons=[pk], by=request.user, at=timezone.now())
    answer = HttpResponse(selectors.explanation_pdf_of(pk), content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="tier-explanation.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer
