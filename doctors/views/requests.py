"""The privacy desk: work list, one request from the check of who asks to the letter, links for doctors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance.doors import needs_code, proof_of
from compliance.selectors.approvals import requests_about
from doctors import actions, permissions, selectors
from doctors.actions.erasure_requests import FLOW
from doctors.choices import RequestKind, RequestState
from doctors.forms.requests import (
    AnswerRequestForm,
    HandBackForm,
    IdentityForm,
    RequestFilter,
    TakeRequestForm,
)
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.listing import page_of
from pharmacrm.common.signing_forms import SignForm


@login_required
@require_GET
def request_list(request: HttpRequest) -> HttpResponse:
    """The work list: what runs out first stands first; others than the desk see what they handed in."""
    if not permissions.can_see_privacy_desk(request.user) and not permissions.can_take_request(request.user):
        raise PermissionDenied
    form = RequestFilter(request.GET)
    rows = selectors.requests_listed(request.user, at=timezone.now(), **form.chosen())
    context = {"form": form, "page": page_of(rows, request, order=("due_at", "pk")), "now": timezone.now()}
    return render(request, "doctors/request_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def request_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand in what a doctor asks about their own data."""
    if not permissions.can_take_request(request.user):
        raise PermissionDenied
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404
    form = TakeRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            taken = actions.take_request(
                doctor_id=pk, by=request.user, at=timezone.now(), **form.cleaned_data
            )
        except Refused:
            raise
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("Taken in as %(number)s.") % {"number": taken.number})
            return redirect("doctors:request-detail", pk=taken.pk)
    context = {"form": form, "card": selectors.doctor_card(pk)}
    return render(request, "doctors/request_form.html", context, status=400 if form.errors else 200)


@login_required
@require_GET
def request_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one request to the desk and to who handed it in."""
    return _page(request, pk, {})


@login_required
@require_POST
def request_move(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Check who asks, answer, agree to an erasure or hand it back."""
    get_object_or_404(selectors.requests_visible_to(request.user), pk=pk)
    if not permissions.can_run_privacy_desk(request.user):
        raise PermissionDenied
    forms: dict[str, Any] = {
        "identity": IdentityForm(request.POST),
        "answer": AnswerRequestForm(request.POST),
        "agree": SignForm(request.POST, auto_id="agree_%s"),
        "return": HandBackForm(request.POST, auto_id="return_%s"),
    }
    form = forms.get(verb)
    if form is None:
        raise Http404
    if form.is_valid():
        try:
            _move(request, pk, verb, form.cleaned_data)
        except Refused:
            raise
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
    if form.errors:
        return _page(request, pk, {verb: form}, status=400)
    return redirect("doctors:request-detail", pk=pk)


@login_required
@require_POST
@never_cache
def link_move(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Make a link for a doctor, take one back, or give the desk a code to read out. Address and code are shown once."""
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404
    if not permissions.can_take_request(request.user):
        raise PermissionDenied
    at = timezone.now()
    context: dict[str, Any] = {"card": selectors.doctor_card(pk)}
    if verb == "make":
        link = actions.make_link(doctor_id=pk, by=request.user, at=at)
        address = request.build_absolute_uri(reverse("portal:page", args=[selectors.token_of(link)]))
        # The picture holds nothing but the address beside it.
        context |= {
            "address": address,
            "picture": segno.make(address, error="m").svg_data_uri(scale=5, border=2),
        }
        context["channels"] = selectors.code_channels(pk)
    else:
        link = next(
            (one for one in selectors.links_of_doctor(pk, at) if str(one.pk) == request.POST.get("link")),
            None,
        )
        if link is None:
            raise Http404
        if verb == "revoke":
            try:
                actions.revoke_link(
                    link_id=link.pk, reason=request.POST.get("reason", "")[:300], by=request.user, at=at
                )
            except actions.LinkNotTakenBack as refusal:
                messages.error(request, refusal.message)
            return redirect("doctors:doctor-links", pk=pk)
        if verb != "code":
            raise Http404
        try:
            context["code"] = actions.read_out_code(link_id=link.pk, by=request.user, at=at)
        except actions.PageNotOpened as refusal:
            messages.error(request, refusal.message)
            return redirect("doctors:doctor-links", pk=pk)
    context["link"] = link
    return render(request, "doctors/link_made.html", context)


@login_required
@require_GET
def doctor_links(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The links of one doctor that still open."""
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404
    context = {
        "card": selectors.doctor_card(pk),
        "links": selectors.links_of_doctor(pk, timezone.now()),
        "requests": selectors.requests_of_doctor(pk)[:20]
        if permissions.can_see_privacy_desk(request.user)
        else [],
        "channels": [channel.label for channel in selectors.code_channels(pk)],
        "may_take": permissions.can_take_request(request.user),
        "may_read_out": permissions.can_run_privacy_desk(request.user),
    }
    return render(request, "doctors/doctor_links.html", context)


def _move(request: HttpRequest, pk: UUID, verb: str, said: dict[str, Any]) -> None:
    by, at = request.user, timezone.now()
    proof = proof_of(request) if said.get("password") else None
    if verb == "identity":
        actions.check_identity(request_id=pk, how=said["how"], by=by, at=at)
    elif verb == "answer":
        wanted = {
            name: said[name] for name in ("name", "title", "specialty", "department_name") if said.get(name)
        }
        answer = actions.RequestAnswer(said["decision"] == "yes", said["reason"], wanted)
        actions.answer_request(request_id=pk, answer=answer, by=by, at=at, proof=proof)
    else:
        actions.second_erasure(
            request_id=pk, agrees=verb == "agree", by=by, at=at, proof=proof, reason=said.get("reason", "")
        )


def _page(request: HttpRequest, pk: UUID, forms: dict[str, Any], status: int = 200) -> HttpResponse:
    row = get_object_or_404(selectors.requests_visible_to(request.user), pk=pk)
    runs = permissions.can_run_privacy_desk(request.user)
    is_desk = permissions.can_see_privacy_desk(request.user)
    context = {
        "row": row,
        "doctor_name": selectors.doctor_card(row.doctor_id).name,
        "words": selectors.words_of_request(row) if is_desk else "",
        "reason": selectors.reason_of_request(row) if is_desk else "",
        "letter": selectors.letter_of_request(row) if is_desk else "",
        "is_late": row.state in (RequestState.OPEN, RequestState.DECIDED) and row.due_at <= timezone.now(),
        "is_desk": is_desk,
        "erasure": selectors.erasure_of(row.doctor_id) if is_desk and row.kind == RequestKind.ERASE else None,
        "frozen_url": reverse("doctors:frozen-read", args=[row.doctor_id])
        if permissions.can_read_frozen(request.user)
        else "",
        "may_answer": runs and row.state == RequestState.OPEN,
        "may_second": permissions.can_erase_doctor(request.user)
        and row.state == RequestState.DECIDED
        and row.decided_by_id != request.user.pk,
        "may_withdraw": runs and row.state == RequestState.DECIDED and row.decided_by_id == request.user.pk,
        "is_erasure": row.kind == RequestKind.ERASE,
        "asked": requests_about(FLOW, f"privacy_request:{row.pk}").first(),
        "agree": forms.get("agree") or SignForm(auto_id="agree_%s"),
        "hand_back": forms.get("return") or HandBackForm(auto_id="return_%s"),
        "needs_code": needs_code(request),
        "may_copy": runs and row.kind in selectors.GRANTS_COPY and row.is_granted,
        "is_correction": row.kind == RequestKind.CORRECT,
        "identity": forms.get("identity") or IdentityForm(),
        "answer": forms.get("answer") or AnswerRequestForm(),
    }
    return render(request, "doctors/request_detail.html", context, status=status)
