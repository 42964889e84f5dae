"""Pages of claims about who belongs to whom."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doctors import actions, permissions, selectors
from doctors.doors import attachment_answer, keep_attachment
from doctors.forms.territories import ClaimDecisionForm, ClaimForm, DeclineForm
from doctors.selectors import challenges as reads
from pharmacrm.accounts.selectors import may_align, open_territories
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of


@login_required
@require_GET
def claim_list(request: HttpRequest) -> HttpResponse:
    """List claims: one's own, and those one decides with the doctors who may be meant."""
    today = timezone.localdate()
    page = page_of(reads.challenges_visible_to(request.user, today), request, order=("-pk",), size=20)
    may_decide = permissions.can_decide_challenge(request.user)
    lines = []
    for claim in reads.claims(page.rows):
        decides = (
            may_decide
            and claim.state == "open"
            and claim.asked_by_id != request.user.pk
            and may_align(request.user, [claim.territory_id], today)
        )
        candidates = (
            reads.candidates_for(claim.name, claim.hospital, request.user, today)
            if decides and claim.name
            else []
        )
        lines.append((claim, decides, candidates, claim.state == "open" and claim.due_on < today))
    context = {
        "page": page,
        "lines": lines,
        "territories": open_territories(today) if may_decide else [],
        "may_claim": permissions.can_challenge(request.user),
        "today": today,
    }
    return render(request, "doctors/claim_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def claim_new(request: HttpRequest) -> HttpResponse:
    """Claim a doctor for one's own territory, in words."""
    if not permissions.can_challenge(request.user):
        raise PermissionDenied
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ClaimForm(*posted, user=request.user, on=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        try:
            with transaction.atomic():  # a file stays only with what it came for
                form.cleaned_data["evidence"] = keep_attachment(
                    form.cleaned_data["evidence"], by=request.user, at=at
                )
                form.cleaned_data["territory_id"] = UUID(form.cleaned_data["territory_id"])
                actions.claim_doctor(**form.cleaned_data, by=request.user, at=at)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("Sent. Your manager or a data steward answers with the reason."))
            return redirect("doctors:claim-list")
    context = {"form": form, "card": None}
    return render(request, "doctors/claim_form.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def doctor_decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a doctor should not be one's own."""
    if not permissions.can_challenge(request.user):
        raise PermissionDenied
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404
    form = DeclineForm(*((request.POST, request.FILES) if request.method == "POST" else (None, None)))
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        try:
            with transaction.atomic():  # a file stays only with what it came for
                evidence = keep_attachment(form.cleaned_data["evidence"], by=request.user, at=at)
                actions.decline_doctor(
                    doctor_id=pk,
                    reason=form.cleaned_data["reason"],
                    evidence=evidence,
                    by=request.user,
                    at=at,
                )
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("Sent. Your manager or a data steward answers with the reason."))
            return redirect("doctors:claim-list")
    context = {"form": form, "card": selectors.doctor_card(pk)}
    return render(request, "doctors/claim_form.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def claim_decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept or refuse a claim with words."""
    if not permissions.can_decide_challenge(request.user):
        raise PermissionDenied
    get_object_or_404(reads.challenges_visible_to(request.user, timezone.localdate()), pk=pk)
    form = ClaimDecisionForm(request.POST)
    if form.is_valid():
        try:
            actions.decide_challenge(
                challenge_id=pk,
                accept=form.cleaned_data["accept"] == "yes",
                answer=form.cleaned_data["answer"],
                on=form.cleaned_data["on"],
                doctor_id=form.cleaned_data["doctor_id"],
                to_territory_id=form.cleaned_data["to_territory_id"],
                by=request.user,
                at=timezone.now(),
            )
        except DomainError as refusal:
            messages.error(request, refusal.message)
    else:
        messages.error(request, _("Say why, so that the person who asked knows."))
    return redirect("doctors:claim-list")


@login_required
@require_GET
def claim_evidence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out the file a claim came with."""
    claim = get_object_or_404(reads.challenges_visible_to(request.user, timezone.localdate()), pk=pk)
    if claim.evidence is None:
        raise Http404
    return attachment_answer(claim.evidence, "evidence")
