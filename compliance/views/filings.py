"""A filing on its own page: every field of it, what it lacks, its proofs, and the card a hospital reads."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance import actions, permissions, selectors
from compliance.doors import say
from compliance.forms.filings import ChangeForm, FilingDetailsForm
from compliance.forms.integrity import EvidenceForm
from compliance.models import RepFiling
from compliance.selectors.filings import card_words, fields_of_filing, filing_duties, open_request
from compliance.views.integrity import handed_out, kept_upload
from pharmacrm.common import files
from pharmacrm.common.errors import DomainError

CHECKS: dict[str, Any] = {
    "ask": actions.ask_filing_check,
    "agree": actions.check_filing,
    "return": actions.return_filing,
}
FILES = {"photo": "photo", "proof": "evidence", "removal": "withdrawal_proof"}


@login_required
@require_http_methods(["GET", "POST"])
def filing_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a filing; a POST fills in or corrects what it says."""
    filing = _visible(request, pk)
    may_change = permissions.can_change_staff(request.user) and request.user.pk != filing.user_id
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FilingDetailsForm(*sent, filing=filing)
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        if form.is_valid() and _completed(request, filing, form):
            messages.success(request, _("Recorded."))
            return redirect("compliance:filing-show", pk=pk)
    at = timezone.now()
    fields = fields_of_filing(filing)
    context = {
        "filing": filing,
        "fields": fields,
        "missing": [words for words, _value, is_missing in fields if is_missing],
        "products": filing.products.order_by("product_code"),
        "duties": filing_duties(at, user_id=filing.user_id),
        "today": timezone.localdate(at),
        "may_change": may_change and not filing.withdrawn_on,
        "may_prove": may_change and filing.withdrawn_on,
        "is_asked": open_request(filing) is not None,
        "may_check": permissions.can_change_staff(request.user)
        and request.user.pk not in {filing.user_id, filing.filed_by_id, *filing.entered_by},
        "form": form,
        "proof": EvidenceForm(auto_id="removal_%s"),
    }
    return render(request, "compliance/filing_detail.html", context, status=400 if form.errors else 200)


@login_required
@require_GET
def filing_card(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a person's card for hospitals: name, photo, number, products, and all of it in a code."""
    filing = _visible(request, pk)
    code = segno.make(card_words(filing), error="m", encoding="utf-8")
    context = {
        "filing": filing,
        "products": filing.products.order_by("product_code"),
        "picture": code.svg_data_uri(scale=4, border=2),
        "is_in_force": filing.withdrawn_on is None
        and filing.valid_from <= timezone.localdate()
        and (filing.valid_until is None or filing.valid_until > timezone.localdate()),
    }
    return render(request, "compliance/filing_card.html", context)


@login_required
@require_GET
def filing_file(request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
    """Hand out the photo or a proof of a filing."""
    filing = _visible(request, pk)
    if what not in FILES:
        raise Http404
    stored = getattr(filing, FILES[what])
    if what != "photo" or stored is None:
        return handed_out(stored, f"filing-{filing.number}-{what}")
    with files.open_verified(stored) as kept:
        answer = HttpResponse(kept.read(), content_type=stored.media_type)
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@login_required
@require_POST
def filing_removal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the platform's proof that a withdrawn filing was removed."""
    filing = _visible(request, pk)
    form, at = EvidenceForm(request.POST, request.FILES), timezone.now()
    if not permissions.can_change_staff(request.user):
        raise PermissionDenied
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for error in form.errors.get("evidence", [])))
        return redirect("compliance:filing-show", pk=pk)
    try:
        proof = kept_upload(request, form.cleaned_data["evidence"], at)
        actions.prove_withdrawal(filing_id=filing.pk, proof=proof, by=request.user, at=at)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Kept."))
    return redirect("compliance:filing-show", pk=pk)


@login_required
@require_POST
def filing_check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for the second check of a filing, agree to it, or hand it back with a reason."""
    filing, verb, at = _visible(request, pk), request.POST.get("verb", ""), timezone.now()
    if verb not in CHECKS:
        raise Http404
    more = {"reason": request.POST.get("reason", "")} if verb == "return" else {}
    try:
        CHECKS[verb](filing_id=filing.pk, by=request.user, at=at, **more)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Recorded."))
    return redirect("compliance:filing-show", pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def filing_change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down a change of somebody's filed data."""
    person = selectors.person_of(pk)
    if person is None or not permissions.can_read_staff(request.user):
        raise Http404
    if not permissions.can_change_staff(request.user):
        raise PermissionDenied
    form = ChangeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.report_change(user_id=pk, **form.cleaned_data, by=request.user, at=timezone.now())
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Recorded. Thirty days run from that day."))
            return redirect("compliance:staff-detail", pk=pk)
    context = {"person": person, "title": _("Report a change of filed data"), "form": form}
    return render(request, "compliance/staff_add.html", context, status=400 if form.errors else 200)


def _completed(request: HttpRequest, filing: RepFiling, form: FilingDetailsForm) -> bool:
    given: dict[str, Any] = dict(form.cleaned_data)
    at = timezone.now()
    try:
        for name in ("photo", "evidence"):
            given[name] = kept_upload(request, given[name], at)
        actions.complete_filing(filing_id=filing.pk, **given, by=request.user, at=at)
    except DomainError as refusal:
        say(form, refusal)
        return False
    return True


def _visible(request: HttpRequest, pk: UUID) -> RepFiling:
    filing = get_object_or_404(
        RepFiling.objects.select_related("user", "photo", "evidence", "filed_by", "checked_by"), pk=pk
    )
    if filing.user_id != request.user.pk and not permissions.can_read_staff(request.user):
        raise Http404
    return filing
