"""Letters of a case, and the measures people were asked for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance import actions, permissions
from compliance.actions.letters import letter_fingerprint
from compliance.choices import MeasureState
from compliance.doors import say
from compliance.forms.casework import AskLetterForm, DoneForm, LetterForm, SendLetterForm
from compliance.models import Measure
from compliance.selectors.casework import letter_for, measures_of
from compliance.selectors.letter_pdf import letter_pdf
from compliance.selectors.signatures import signatures_of
from pharmacrm.common.errors import DomainError


@login_required
@require_http_methods(["GET", "POST"])
def letter_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a letter to its case's team and to who has to agree; a POST changes, puts to approval or sends it."""
    found = letter_for(request.user, pk)
    if found is None:
        raise Http404
    letter, is_team = found
    may_act = is_team and permissions.can_lead_case(request.user, letter.case)
    verb = request.POST.get("verb", "")
    initial = {"audience": letter.audience, "title": letter.title, "body": letter.body}
    forms: dict[str, Any] = {
        "change": LetterForm(initial=initial, auto_id="change_%s"),
        "ask": AskLetterForm(by=request.user, auto_id="ask_%s"),
        "send": SendLetterForm(auto_id="send_%s"),
    }
    if request.method == "POST":
        if not may_act:
            raise PermissionDenied
        if verb not in forms:
            raise Http404
        form = (
            AskLetterForm(request.POST, by=request.user) if verb == "ask" else type(forms[verb])(request.POST)
        )
        forms[verb] = form
        if form.is_valid():
            try:
                _act(request, letter, verb, form.cleaned_data)
            except DomainError as refusal:
                say(form, refusal)
            else:
                return redirect("compliance:letter-detail", pk)
    fingerprint = letter_fingerprint(letter)
    context = {
        "signatures": signatures_of(f"letter:{letter.pk}"),
        "letter": letter,
        "is_team": is_team,
        "may_act": may_act,
        "forms": forms,
        "bound": verb,
        "fingerprint": fingerprint,
    }
    status = 400 if any(form.is_bound and form.errors for form in forms.values()) else 200
    return render(request, "compliance/letter_detail.html", context, status=status)


@login_required
@require_GET
def letter_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out a letter as PDF with its signatures, to its case's team and to who was asked to agree."""
    found = letter_for(request.user, pk)
    if found is None:
        raise Http404
    letter = found[0]
    answer = HttpResponse(letter_pdf(letter, letter_fingerprint(letter)), content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="letter.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_GET
def measure_list(request: HttpRequest) -> HttpResponse:
    """Show everybody what they were asked to put right."""
    return _measures(request, None)


@login_required
@require_POST
def measure_done(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The owner reports a measure done."""
    measure = get_object_or_404(Measure, pk=pk, owner=request.user)
    form = DoneForm(request.POST)
    if form.is_valid():
        try:
            actions.finish_measure(
                measure_id=measure.pk, words=form.cleaned_data["words"], by=request.user, at=timezone.now()
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Thank you. The case team checks it now."))
            return redirect("compliance:measure-list")
    return _measures(request, (measure.pk, form), status=400)


def _measures(request: HttpRequest, bound: tuple[UUID, DoneForm] | None, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    rows = [
        {
            "measure": row,
            "is_late": row.state == MeasureState.OPEN and row.due_on < today,
            "form": bound[1] if bound and bound[0] == row.pk else DoneForm(auto_id=f"m{row.pk.hex[-6:]}_%s"),
        }
        for row in measures_of(request.user)[:100]
    ]
    return render(request, "compliance/measure_list.html", {"rows": rows}, status=status)


def _act(request: HttpRequest, letter: Any, verb: str, entered: dict[str, Any]) -> None:
    by, at = request.user, timezone.now()
    if verb == "change":
        actions.draft_letter(case_id=letter.case_id, letter_id=letter.pk, by=by, at=at, **entered)
    elif verb == "ask":
        actions.ask_letter(letter_id=letter.pk, approvers=list(entered["approvers"]), by=by, at=at)
    else:
        actions.send_letter(letter_id=letter.pk, by=by, at=at, **entered)
