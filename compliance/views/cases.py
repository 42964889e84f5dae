"""Findings and cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance import actions, permissions, subjects
from compliance.actions.cases import case_fingerprint
from compliance.doors import needs_code, proof_of, say
from compliance.forms.oversight import (
    AssignForm,
    CaseFilter,
    CaseHoldForm,
    CloseForm,
    CommentForm,
    MoveForm,
    OpenCaseForm,
    SettleForm,
)
from compliance.models import Case, Finding
from compliance.rules.cases import may_move_case
from compliance.selectors import cockpit as seen
from compliance.selectors.history import entries_of
from compliance.selectors.rulebook import sources_of
from compliance.views.words import due
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of

FORMS: dict[str, Any] = {
    "comment": CommentForm,
    "assign": AssignForm,
    "hold": CaseHoldForm,
    "move": MoveForm,
    "close": CloseForm,
}
ACTS: dict[str, Callable[..., Any]] = {
    "comment": actions.comment_case,
    "assign": actions.assign_case,
    "hold": actions.hold_case,
    "move": actions.move_case,
    "close": actions.close_case,
}


def _guarded(request: HttpRequest) -> bool:
    """Return whether the reader may also act. Raises: PermissionDenied for who may not even read."""
    if not permissions.can_see_cockpit(request.user):
        raise PermissionDenied
    return permissions.can_handle_cases(request.user)


@login_required
@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    _guarded(request)
    form = CaseFilter(request.GET)
    page = page_of(seen.cases_matching(**form.chosen()), request, order=("-opened_at", "-pk"))
    at = timezone.now()
    rows = [(case, subjects.title_of(case.subject), due(case.due_at, at)) for case in page.rows]
    return render(request, "compliance/case_list.html", {"form": form, "page": page, "rows": rows})


@login_required
@require_GET
def case_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _case_page(request, pk, {})


@login_required
@require_POST
def case_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Do one thing to a case: comment, assign, hold, move, close."""
    if not _guarded(request):
        raise PermissionDenied
    get_object_or_404(Case, pk=pk)
    if verb not in ACTS:
        raise Http404
    form = FORMS[verb](request.POST)
    if form.is_valid():
        entered = {
            name: value for name, value in form.cleaned_data.items() if name not in {"password", "code"}
        }
        if verb == "close":
            entered["proof"] = proof_of(request)
        try:
            ACTS[verb](case_id=pk, by=request.user, at=timezone.now(), **entered)
        except DomainError as refusal:
            say(form, refusal)
        else:
            return redirect("compliance:case-detail", pk)
    return _case_page(request, pk, {verb: form}, status=400)


def _case_page(request: HttpRequest, pk: UUID, bound: dict[str, Any], status: int = 200) -> HttpResponse:
    may_act = _guarded(request)
    case = get_object_or_404(Case.objects.select_related("owner", "opened_by", "closing_signature"), pk=pk)
    forms = {name: bound.get(name) or form() for name, form in FORMS.items()}
    move = forms["move"].fields["state"]
    move.choices = [
        (value, label) for value, label in move.choices if may_move_case(old=case.state, new=value)
    ]
    findings = list(case.findings.order_by("opened_at"))
    sources = sources_of([row.rule for row in findings if row.rule], timezone.now())
    context = {
        "case": case,
        "what": subjects.title_of(case.subject),
        "what_url": subjects.url_of(case.subject),
        "due": due(case.due_at, timezone.now()),
        "findings": [(row, sources.get(row.rule, "")) for row in findings],
        "notes": case.actions.select_related("by").order_by("-done_at", "-pk"),
        "holds": case.holds.prefetch_related("subjects").order_by("-placed_at"),
        "forms": forms,
        "may_act": may_act and case.state != "closed",
        "may_move": bool(move.choices),
        "may_close": may_move_case(old=case.state, new="closed"),
        "fingerprint": case_fingerprint(case),
        "needs_code": needs_code(request),
        "at": timezone.now(),
    }
    return render(request, "compliance/case_detail.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def finding_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a finding; a POST settles it or takes it into a case."""
    may_act = _guarded(request)
    finding = get_object_or_404(Finding.objects.select_related("opened_by", "settled_by", "case"), pk=pk)
    settle, take = SettleForm(), OpenCaseForm(initial={"title": subjects.title_of(finding.subject)})
    if request.method == "POST":
        if not may_act:
            raise PermissionDenied
        taking = request.POST.get("verb") == "case"
        form = OpenCaseForm(request.POST) if taking else SettleForm(request.POST)
        if form.is_valid():
            try:
                if taking:
                    case = actions.open_case(
                        kind=finding.kind,
                        subject=finding.subject,
                        title=form.cleaned_data["title"],
                        by=request.user,
                        at=timezone.now(),
                        finding=finding,
                    )
                    return redirect("compliance:case-detail", case.pk)
                actions.settle_finding(
                    finding_id=pk,
                    settlement=form.cleaned_data["settlement"],
                    by=request.user,
                    at=timezone.now(),
                )
                return redirect("compliance:cockpit")
            except DomainError as refusal:
                say(form, refusal)
        settle, take = (settle, form) if taking else (form, take)
    context = {
        "finding": finding,
        "source": sources_of([finding.rule], timezone.now()).get(finding.rule, ""),
        "what": subjects.title_of(finding.subject),
        "what_url": subjects.url_of(finding.subject),
        "due": due(finding.due_at, timezone.now()),
        "evidence": [
            (name, value) for name, value in finding.evidence.items() if name not in {"text", "url"}
        ],
        "entries": entries_of(finding.subject, most=20),
        "settle": settle,
        "take": take,
        "may_act": may_act and finding.state == "open",
    }
    status = 400 if settle.errors or take.errors else 200
    return render(request, "compliance/finding_detail.html", context, status=status)
