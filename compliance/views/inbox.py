"""One inbox for everything that asks for an answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from compliance import actions, subjects
from compliance.choices import ApprovalState, ApprovalVerb, StepState
from compliance.doors import needs_code, proof_of, say
from compliance.flows import flows, waiting_elsewhere
from compliance.forms.oversight import AnswerForm
from compliance.selectors import cockpit as seen
from compliance.views.words import due
from pharmacrm.common.errors import DomainError

ANSWERS = (
    ApprovalVerb.AGREE,
    ApprovalVerb.RETURN,
    ApprovalVerb.REFUSE,
    ApprovalVerb.PASS_ON,
    ApprovalVerb.ADD_SIGNER,
    ApprovalVerb.COPY,
)
ASKERS = (ApprovalVerb.URGE, ApprovalVerb.COPY, ApprovalVerb.WITHDRAW)


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    context = {
        "waiting": [_line(step, at) for step in seen.inbox_of(request.user)[:100]],
        "elsewhere": [(one, due(one.due_at, at)) for one in waiting_elsewhere(request.user)[:100]],
        "asked": [_line(step, at) for step in seen.asked_by(request.user)[:50]],
    }
    return render(request, "compliance/inbox.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def step_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one request; a POST gives an answer to it."""
    step = get_object_or_404(seen.steps_seen_by(request.user).distinct(), pk=pk)
    verb = request.POST.get("verb", "")
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            actions.decide(
                step_id=pk,
                verb=verb,
                by=request.user,
                at=timezone.now(),
                comment=entered["comment"],
                to=entered["to"],
                proof=proof_of(request) if entered["password"] else None,
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Your answer is recorded."))
            return redirect("compliance:inbox")
    asked = step.request
    is_open = asked.state == ApprovalState.OPEN
    is_mine = step.approver_id == request.user.pk and step.state == StepState.OPEN
    flow = flows().get(asked.flow)
    context = {
        "step": step,
        "asked": asked,
        "what": subjects.title_of(asked.subject),
        "what_url": subjects.url_of(asked.subject),
        "due": due(asked.due_at, timezone.now()),
        "line": asked.steps.select_related("approver", "signature").order_by("stage", "pk"),
        "copies": asked.copies.select_related("recipient"),
        "payload": [
            (name, value) for name, value in asked.payload.items() if not isinstance(value, dict | list)
        ],
        "form": form,
        "verbs": (ANSWERS if is_mine else ()) if is_open else (),
        "asker_verbs": ASKERS if is_open and asked.opened_by_id == request.user.pk else (),
        "is_signed": bool(flow and flow.signed),
        "meaning": flow.title if flow else asked.flow,
        "needs_code": needs_code(request),
        "at": timezone.now(),
    }
    return render(request, "compliance/step_detail.html", context, status=400 if form.errors else 200)


def _line(step: Any, at: Any) -> dict[str, Any]:
    return {
        "step": step,
        "what": subjects.title_of(step.request.subject),
        "due": due(step.request.due_at, at),
    }
