"""Pages of academic events, and the sign-in page at the place."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from activities import permissions
from activities.actions import events as actions
from activities.choices import AttendanceMethod, EventState
from activities.forms.events import (
    PROOF_BYTES,
    CancelForm,
    CloseForm,
    EventFilter,
    EventForm,
    ExpenseForm,
    ProofForm,
    fen,
    proof_media_type,
)
from activities.selectors import events as reads
from pharmacrm.common import files
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.listing import Column, excel, export_url, page_of

from .event_door import door_token
from .event_pages import event_choices, event_or_404, event_page, speaker_forms

COLUMNS = (
    Column(_lazy("Code"), "code"),
    Column(_lazy("Title"), "title"),
    Column(_lazy("Kind"), lambda event: event.get_kind_display()),
    Column(_lazy("State"), lambda event: event.get_state_display()),
    Column(_lazy("Starts"), "starts_at"),
    Column(_lazy("Hospital"), lambda event: str(event.hospital or "")),
    Column(_lazy("Organiser"), lambda event: str(event.organiser)),
)


@login_required
@require_GET
def event_list(request: HttpRequest) -> HttpResponse:
    if not permissions.can_see_events(request.user):
        raise PermissionDenied
    form = EventFilter(request.GET)
    seen = reads.events_visible_to(request.user, timezone.localdate())
    rows = reads.filtered(seen, **form.chosen())
    if request.GET.get("export") == "xlsx":
        return excel("events", COLUMNS, rows.order_by("-starts_at", "-pk"), seen_by=request.user, at=timezone.now(),
                     person=None, filters=form.in_words())  # fmt: skip
    context = {
        "page": page_of(rows, request, order=("-starts_at", "-pk")),
        "form": form,
        "counts": [(EventState(state), n) for state, n in reads.event_counts(seen).items() if n],
        "may_plan": permissions.can_plan_event(request.user),
        "export": export_url(request),
    }
    return render(request, "activities/event_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def event_create(request: HttpRequest) -> HttpResponse:
    if not permissions.can_plan_event(request.user):
        raise PermissionDenied
    form = EventForm(request.POST or None, **event_choices(request))
    speakers = speaker_forms(request)
    if request.method == "POST" and all([form.is_valid(), *(one.is_valid() for one in speakers)]):
        named = tuple(one.plan() for one in speakers if one.has_changed())
        try:
            event = actions.plan_event(plan=form.plan(named), by=request.user, at=timezone.now())
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("activities:event-detail", pk=event.pk)
    return render(request, "activities/event_form.html", {"form": form, "speaker_forms": speakers})


@login_required
@require_GET
def event_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    return event_page(request, event_or_404(request, pk))


@login_required
@require_POST
def event_move(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Ask for approval, start, or end: one verb, one action."""
    event = event_or_404(request, pk)
    verbs = {
        "request": (actions.request_event, _("Approval asked.")),
        "start": (actions.start_event, _("Sign-in is open.")),
        "end": (actions.end_event, _("Sign-in is closed. Add the proof.")),
    }
    if verb not in verbs:
        raise Http404
    act, said = verbs[verb]
    try:
        act(event_id=event.pk, by=request.user, at=timezone.now())
    except Refused:
        raise  # the wrapper at the door records it and shows the verdict
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("activities:event-detail", pk=pk)
    messages.success(request, said)
    return redirect("activities:event-detail", pk=pk)


@login_required
@require_POST
def event_invite(request: HttpRequest, pk: UUID) -> HttpResponse:
    event = event_or_404(request, pk)
    chosen = [UUID(key) for key in request.POST.getlist("doctor") if _is_uuid(key)]
    try:
        fresh = actions.invite_doctors(event_id=pk, doctor_ids=chosen, by=request.user, at=timezone.now())
    except Refused:
        raise
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(n)d doctors invited.") % {"n": fresh})
    return redirect("activities:event-detail", pk=event.pk)


@login_required
@require_POST
def event_sign_in(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The organiser signs a doctor in from the paper sheet."""
    event = event_or_404(request, pk)
    doctor = request.POST.get("doctor", "")
    if not _is_uuid(doctor):
        raise Http404
    try:
        actions.sign_in_doctor(
            event_id=event.pk,
            doctor_id=UUID(doctor),
            method=AttendanceMethod.PAPER,
            by=request.user,
            at=timezone.now(),
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("activities:event-detail", pk=pk)


@login_required
@require_POST
def event_proof(request: HttpRequest, pk: UUID) -> HttpResponse:
    event = event_or_404(request, pk)
    form = ProofForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        media_type = proof_media_type(upload)
        if not media_type:
            form.add_error("file", _("This is neither a PDF nor a JPEG or PNG picture."))
        else:
            try:
                stored = files.store(
                    upload.chunks(),
                    media_type=media_type,
                    by=request.user,
                    at=timezone.now(),
                    max_bytes=PROOF_BYTES,
                )
                actions.add_proof(
                    event_id=event.pk,
                    kind=form.cleaned_data["kind"],
                    file=stored,
                    name=upload.name,
                    by=request.user,
                    at=timezone.now(),
                )
            except DomainError as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("activities:event-detail", pk=pk)
    return event_page(request, event, proof_form=form)


@login_required
@require_POST
def event_expense(request: HttpRequest, pk: UUID) -> HttpResponse:
    event = event_or_404(request, pk)
    form = ExpenseForm(request.POST)
    if form.is_valid():
        entered = dict(form.cleaned_data)
        cost = fen(entered.pop("cost_yuan"))
        try:
            actions.submit_expense(
                event_id=event.pk, cost_fen=cost, by=request.user, at=timezone.now(), **entered
            )
        except Refused:
            raise
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("activities:event-detail", pk=pk)
    return event_page(request, event, expense_form=form)


@login_required
@require_POST
def event_close(request: HttpRequest, pk: UUID) -> HttpResponse:
    event = event_or_404(request, pk)
    form = CloseForm(request.POST)
    if form.is_valid():
        try:
            actions.close_event(event_id=event.pk, by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refused:
            raise
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The event is closed."))
            return redirect("activities:event-detail", pk=pk)
    return event_page(request, event, close_form=form)


@login_required
@require_POST
def event_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    event = event_or_404(request, pk)
    form = CancelForm(request.POST)
    if form.is_valid():
        try:
            actions.cancel_event(event_id=event.pk, by=request.user, at=timezone.now(), **form.cleaned_data)
        except DomainError as refusal:
            messages.error(request, str(refusal))
    return redirect("activities:event-detail", pk=pk)


@login_required
@require_GET
@never_cache
def event_code(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The code the organiser shows at the place; it is made anew every half minute."""
    event = event_or_404(request, pk)
    if not permissions.can_run_event(request.user, event):
        raise PermissionDenied
    if event.state != EventState.RUNNING:
        return redirect("activities:event-detail", pk=pk)
    token = door_token(event.pk)
    address = request.build_absolute_uri(reverse("event-door", args=[token]))
    context = {
        "event": event,
        "address": address,
        "picture_url": reverse("event-code-picture", args=[token]),
        "signed_in": event.attendances.count(),
        "refresh_url": request.path,
    }
    template = "activities/event_code.html" + ("#code" if request.htmx else "")
    return render(request, template, context)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
