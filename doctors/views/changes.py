"""Pages of proposals: corrections, new doctors, the stewards' queue."""

from __future__ import annotations

from typing import Any
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
from doctors.choices import ChangeState
from doctors.doors import attachment_answer, keep_attachments
from doctors.forms.changes import ChangeForm, DecisionForm, NewDoctorForm
from doctors.selectors import changes as reads
from doctors.selectors.challenges import candidates_for
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of

ASKED_OF_DOCTOR = ("name", "department_name", "title", "post", "specialty", "hospital_id")
HINTS = 5


@login_required
@require_http_methods(["GET", "POST"])
def change_ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Propose a correction of one doctor."""
    if not permissions.can_ask_change(request.user):
        raise PermissionDenied
    if not selectors.can_see(request.user, pk, timezone.localdate()):
        raise Http404
    form = ChangeForm(*_sent(request))
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        try:
            with transaction.atomic():  # a file stays only with what it came for
                actions.ask_change(
                    doctor_id=pk,
                    wanted=form.wanted(),
                    note=form.cleaned_data["note"],
                    files=keep_attachments(form.cleaned_data["attachments"], by=request.user, at=at),
                    by=request.user,
                    at=at,
                )
        except DomainError as refusal:
            form.add_error(_field(form, refusal), refusal.message)
        else:
            messages.success(request, _("Sent to the data stewards."))
            return redirect("doctors:doctor-detail", pk=pk)
    context = {"form": form, "card": selectors.doctor_card(pk)}
    return render(request, "doctors/change_form.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def doctor_propose(request: HttpRequest) -> HttpResponse:
    """Propose a doctor the master does not know; who may be meant is hinted at first."""
    if not permissions.can_propose_doctor(request.user):
        raise PermissionDenied
    today = timezone.localdate()
    form = NewDoctorForm(*_sent(request), user=request.user, on=today)
    hints: list[Any] = []
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if not values["is_another"]:
            hints = selectors.search_doctors(request.user, values["name"], today, limit=HINTS)
        if not hints:
            at = timezone.now()
            try:
                with transaction.atomic():  # a file stays only with what it came for
                    actions.propose_doctor(
                        doctor=actions.NewDoctor(**{name: values[name] for name in ASKED_OF_DOCTOR}),
                        territory_id=UUID(values["territory_id"]),
                        note=values["note"],
                        files=keep_attachments(values["attachments"], by=request.user, at=at),
                        by=request.user,
                        at=at,
                    )
            except DomainError as refusal:
                form.add_error(_field(form, refusal), refusal.message)
            else:
                messages.success(
                    request, _("Kept, not verified yet. You can plan a visit now; a steward answers.")
                )
                return redirect("doctors:change-request-list")
    context = {"form": form, "hints": hints, "card": None}
    return render(request, "doctors/doctor_propose.html", context, status=400 if form.errors else 200)


@login_required
@require_GET
def change_request_list(request: HttpRequest) -> HttpResponse:
    """List proposals: stewards see all, others their own with the outcome; what waits first, by its day."""
    today = timezone.localdate()
    is_open = request.GET.get("state", "open") == "open"
    requests = reads.change_requests_visible_to(request.user)
    requests = (
        requests.filter(state=ChangeState.OPEN) if is_open else requests.exclude(state=ChangeState.OPEN)
    )
    page = page_of(requests, request, order=("due_on", "pk") if is_open else ("-pk",), size=20)
    may_decide = permissions.can_decide_change(request.user)
    lines = []
    for change in reads.proposed(page.rows):
        decides = may_decide and change.state == "open" and change.asked_by_id != request.user.pk
        same = (
            [
                card
                for card in candidates_for(change.card.name, change.card.hospital, request.user, today)
                if card.id != change.card.id
            ]
            if decides and change.kind == "new_doctor" and change.card
            else []
        )
        lines.append((change, decides, same, change.state == "open" and change.due_on < today))
    context = {
        "page": page,
        "lines": lines,
        "is_open": is_open,
        "overdue": reads.overdue_changes(request.user, today),
        "may_propose": permissions.can_propose_doctor(request.user),
    }
    return render(request, "doctors/change_list.html", context)


@login_required
@require_POST
def change_decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept a proposal, whole or field by field, or refuse it."""
    if not permissions.can_decide_change(request.user):
        raise PermissionDenied
    asked = get_object_or_404(reads.change_requests_visible_to(request.user), pk=pk)
    form = DecisionForm(request.POST)
    if form.is_valid():
        by_field = form.cleaned_data["is_by_field"]
        try:
            actions.decide_change(
                request_id=pk,
                accept=form.cleaned_data["accept"] == "yes",
                answer=form.cleaned_data["answer"],
                fields=request.POST.getlist("field") if by_field else None,
                reasons={name: request.POST.get(f"reason-{name}", "")[:300] for name in asked.fields},
                by=request.user,
                at=timezone.now(),
            )
        except DomainError as refusal:
            messages.error(request, refusal.message)
    return redirect("doctors:change-request-list")


@login_required
@require_GET
def change_attachment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out a file of a proposal."""
    found = reads.attachment_visible_to(request.user, pk)
    if found is None:
        raise Http404
    return attachment_answer(found.file, "attachment")


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _field(form: Any, refusal: DomainError) -> str | None:
    return refusal.field if refusal.field in form.fields else None
