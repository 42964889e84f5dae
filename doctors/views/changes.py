"""Pages of proposed corrections."""

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

from doctors import actions, permissions, selectors
from doctors.forms.doctors import ChangeForm, DecisionForm
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of


@login_required
@require_http_methods(["GET", "POST"])
def change_ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Propose a correction of one doctor."""
    if not permissions.can_ask_change(request.user):
        raise PermissionDenied
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404
    form = ChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wanted = {name: value for name, value in form.cleaned_data.items() if name != "note"}
        try:
            actions.ask_change(
                doctor_id=pk,
                wanted=wanted,
                note=form.cleaned_data["note"],
                by=request.user,
                at=timezone.now(),
            )
        except DomainError as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("Sent to the data stewards."))
            return redirect("doctors:doctor-detail", pk=pk)
    context = {"form": form, "card": selectors.doctor_card(pk)}
    return render(request, "doctors/change_form.html", context, status=400 if form.errors else 200)


@login_required
@require_GET
def change_request_list(request: HttpRequest) -> HttpResponse:
    """List proposals: stewards see all, others their own."""
    requests = selectors.change_requests_visible_to(request.user)
    page = page_of(requests, request, order=("due_on", "pk"), size=20)
    context = {
        "page": page,
        "changes": selectors.proposed(page.rows),
        "may_decide": permissions.can_decide_change(request.user),
    }
    return render(request, "doctors/change_list.html", context)


@login_required
@require_POST
def change_decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept or refuse a proposal."""
    if not permissions.can_decide_change(request.user):
        raise PermissionDenied
    get_object_or_404(selectors.change_requests_visible_to(request.user), pk=pk)
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            actions.decide_change(
                request_id=pk,
                accept=form.cleaned_data["accept"] == "yes",
                answer=form.cleaned_data["answer"],
                by=request.user,
                at=timezone.now(),
            )
        except DomainError as refusal:
            messages.error(request, refusal.message)
    return redirect("doctors:change-request-list")
