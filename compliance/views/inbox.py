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
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance import actions, subjects
from compliance.choices import ApprovalState, ApprovalVerb, StepState
from compliance.doors import needs_code, proof_of, say
from compliance.flows import flows
from compliance.forms.oversight import AnswerForm, DeputyForm
from compliance.selectors import cockpit as seen
from compliance.selectors.approvals import deputies_of
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
IN_A_ROOM = (ApprovalVerb.PASS_ON, ApprovalVerb.COPY)  # the rest is said on the page of the decision
ASKERS = (ApprovalVerb.URGE, ApprovalVerb.COPY, ApprovalVerb.WITHDRAW)


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    return _inbox_page(request, DeputyForm(asker=request.user))


def _inbox_page(request: HttpRequest, form: DeputyForm) -> HttpResponse:
    at = timezone.now()
    today = timezone.localdate(at)
    waiting = list(seen.inbox_of(request.user, today)[:100])
    asked = list(seen.asked_by(request.user)[:50])
    titles = subjects.titles_of(step.request.subject for step in (*waiting, *asked))
    context = {
        "waiting": [_line(step, titles, at) for step in waiting],
        "asked": [_line(step, titles, at) for step in asked],
        "deputies": deputies_of(request.user, today),
        "form": form,
    }
    return render(request, "compliance/inbox.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def deputy_name(request: HttpRequest) -> HttpResponse:
    """Name somebody who answers while one is away."""
    form = DeputyForm(request.POST, asker=request.user)
    if form.is_valid():
        try:
            actions.name_deputy(**form.cleaned_data, by=request.user, at=timezone.now())
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Recorded."))
            return redirect("compliance:inbox")
    return _inbox_page(request, form)


@login_required
@require_POST
def deputy_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(deputies_of(request.user, timezone.localdate()), pk=pk)
    try:
        actions.end_deputy(deputy_id=pk, by=request.user, at=timezone.now())
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Recorded."))
    return redirect("compliance:inbox")


@login_required
@require_http_methods(["GET", "POST"])
def step_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one request; a POST gives an answer to it."""
    today = timezone.localdate()
    step = get_object_or_404(seen.steps_seen_by(request.user, today), pk=pk)
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
    is_mine = step.state == StepState.OPEN and seen.inbox_of(request.user, today).filter(pk=pk).exists()
    flow = flows().get(asked.flow)
    room = flow.room(asked.payload) if flow and flow.room else ""
    answers = IN_A_ROOM if room else ANSWERS
    if flow and flow.verbs:
        answers = tuple(one for one in answers if one in flow.verbs)
    askers = tuple(one for one in ASKERS if not (flow and flow.verbs) or one in flow.verbs)
    context = {
        "step": step,
        "asked": asked,
        "what": subjects.title_of(asked.subject),
        "what_url": subjects.url_of(asked.subject),
        "due": due(asked.due_at, timezone.now()),
        "copies": asked.copies.select_related("recipient"),
        "room": room if is_mine and is_open else "",
        "lines": flow.lines(asked.payload) if flow and flow.lines else (),
        "fingerprint": flow.signs(asked.payload).content_sha256
        if is_mine and flow and flow.signs
        else asked.content_sha256,
        "form": form,
        "verbs": (answers if is_mine else ()) if is_open else (),
        "asker_verbs": askers if is_open and asked.opened_by_id == request.user.pk else (),
        "is_signed": bool(flow and flow.signed and not room),
        "signs_refusal": bool(flow and flow.meanings.get("refuse") and not room),
        "meaning": flow.title if flow else asked.flow,
        "needs_code": needs_code(request),
        "at": timezone.now(),
    }
    return render(request, "compliance/step_detail.html", context, status=400 if form.errors else 200)


def _line(step: Any, titles: dict[str, str], at: Any) -> dict[str, Any]:
    flow = flows().get(step.request.flow)
    return {
        "step": step,
        "room": flow.room(step.request.payload) if flow and flow.room else "",
        "what": titles[step.request.subject],
        "due": due(step.request.due_at, at),
    }
