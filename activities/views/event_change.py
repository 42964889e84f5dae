"""The page on which a plan of an event is changed before it runs."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from activities import permissions
from activities.actions import events as actions
from activities.actions.events import EventPlan
from activities.choices import EventState
from activities.forms.event_change import EventChangeForm, entered_in
from activities.models import Event
from pharmacrm.common.errors import DomainError

from .event_pages import event_choices, event_or_404


@login_required
@require_http_methods(["GET", "POST"])
def event_change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a draft, or an approved plan with a reason: it asks for approval again where its terms changed."""
    event = event_or_404(request, pk)
    if not permissions.can_run_event(request.user, event):
        raise PermissionDenied
    if event.state not in {EventState.DRAFT, EventState.APPROVED}:
        messages.error(request, _("This event can no longer be changed."))
        return redirect("activities:event-detail", pk=pk)
    form = EventChangeForm(
        request.POST or None,
        initial=entered_in(event),
        reason_needed=event.state == EventState.APPROVED,
        **event_choices(request, event.products),
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_event(
                event_id=event.pk,
                plan=_plan_of(form, event),
                by=request.user,
                at=timezone.now(),
                reason=form.cleaned_data["reason"],
            )
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The plan was changed."))
            return redirect("activities:event-detail", pk=pk)
    return render(request, "activities/event_form.html", {"form": form, "event": event})


def _plan_of(form: EventChangeForm, event: Event) -> EventPlan:
    """Return what was entered; who was proposed to speak stays, also with the agenda item of the same title."""
    plan = form.plan()
    spoken_by = dict(event.sessions.values_list("title", "speaker__doctor_id"))
    return replace(
        plan,
        entertainment=event.entertainment,
        sessions=tuple(replace(item, speaker_id=spoken_by.get(item.title)) for item in plan.sessions),
        speaker_ids=tuple(event.speakers.values_list("doctor_id", flat=True)),
    )
