"""Speakers of an event: propose, verify outside sales, invite, drop."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from activities import permissions
from activities.actions import events as actions
from activities.forms.events import SpeakerForm
from pharmacrm.common.errors import DomainError, Refused

from .event_pages import event_or_404, event_page, speaker_choices


@login_required
@require_POST
def propose_speaker(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a speaker on the plan of an event."""
    event = event_or_404(request, pk)
    if not permissions.can_run_event(request.user, event):
        raise Http404
    form = SpeakerForm(request.POST, doctors=speaker_choices(request))
    if form.is_valid():
        try:
            actions.propose_speaker(event_id=pk, said=form.plan(), by=request.user, at=timezone.now())
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(
                request, _("Proposed. Medical or compliance verifies the choice, then you invite.")
            )
            return redirect("activities:event-detail", pk=pk)
    return event_page(request, event, speaker_form=form)


@login_required
@require_POST
def move_speaker(request: HttpRequest, pk: UUID, speaker: UUID, verb: str) -> HttpResponse:
    """Verify, refuse, invite or drop: one verb, one action."""
    event = event_or_404(request, pk)
    comment = request.POST.get("comment", "").strip()[:300]
    verbs = {
        "verify": (
            lambda **who: actions.verify_speaker(comment=comment, **who),
            _("The choice is verified."),
        ),
        "refuse": (
            lambda **who: actions.refuse_speaker(reason=comment, **who),
            _("The choice is refused. The organiser is told why."),
        ),
        "invite": (actions.invite_speaker, _("The speaker is invited.")),
        "drop": (actions.drop_speaker, _("The speaker is off the plan.")),
    }
    if verb not in verbs or not event.speakers.filter(pk=speaker).exists():
        raise Http404
    act, said = verbs[verb]
    try:
        act(speaker_id=speaker, by=request.user, at=timezone.now())
    except Refused:
        raise  # the wrapper at the door records it and shows the verdict
    except ObjectDoesNotExist:
        raise Http404 from None
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said)
    return redirect("activities:event-detail", pk=pk)
