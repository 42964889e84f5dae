"""How long records are kept, what is over its term, and the runs that destroyed some of it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from compliance import permissions, subjects
from compliance.actions import retention as actions
from compliance.actions.case_keys import may_be_destroyed
from compliance.actions.retention import FLOW
from compliance.choices import RetentionState
from compliance.doors import needs_code, proof_of, say
from compliance.forms.retention import ApproveForm, DestroyForm, RefuseForm
from compliance.models import Case
from compliance.retention import term_of
from compliance.selectors.approvals import requests_about
from compliance.selectors.retention import Planned, plan_body, plan_fingerprint, retention_runs
from pharmacrm.common.errors import DomainError
from pharmacrm.common.jobs import time_left

SHOWN = 20
# What a source says where the company set the term itself: the words of retention.yaml, for every reader.
POLICY = {
    "公司设定": gettext_lazy("company policy"),
    "公司设定: 与所证明的拜访同期": gettext_lazy("company policy: as long as the visits it proves"),
}


@login_required
@require_http_methods(["GET", "POST"])
def retention_plan(request: HttpRequest) -> HttpResponse:
    """Show every class with what is due; signing here asks a second person to sign."""
    if not permissions.can_see_retention(request.user):
        raise PermissionDenied
    at = timezone.now()
    form = DestroyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_retention(
                reason=form.cleaned_data["reason"], by=request.user, at=at, proof=proof_of(request)
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Signed. Another person has to sign before anything is destroyed."))
            return redirect("compliance:retention-plan")
    on = localtime(at).date()
    plan = actions.plan_on(on, at)
    body = plan_body(plan)
    runs = list(retention_runs()[:SHOWN])
    context = {
        "on": on,
        "rows": [_row(one) for one in plan],
        "due": sum(one["due"] - one["held"] for one in body.values()),
        "fingerprint": plan_fingerprint(on, body),
        "runs": [(run, _counts(run.plan), time_left(run.job, at=at) if run.job else None) for run in runs],
        "is_waiting": any(run.state in {RetentionState.ASKED, RetentionState.RUNNING} for run in runs),
        "may_destroy": permissions.can_destroy_records(request.user),
        "form": form,
        "needs_code": needs_code(request),
        "at": at,
    }
    return render(request, "compliance/retention_plan.html", context, status=_status(form))


@login_required
@require_http_methods(["GET", "POST"])
def retention_decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The second signature, or a refusal."""
    if not permissions.can_destroy_records(request.user):
        raise PermissionDenied
    run = get_object_or_404(retention_runs(), pk=pk)
    at = timezone.now()
    refuses = request.POST.get("verb") == "refuse"
    approve = ApproveForm(None if refuses else request.POST or None, auto_id="approve_%s")
    refuse = RefuseForm(request.POST if refuses else None, auto_id="refuse_%s")
    form = refuse if refuses else approve
    if request.method == "POST" and form.is_valid():
        try:
            actions.decide_retention(
                run_id=pk,
                approve=not refuses,
                reason=form.cleaned_data.get("reason", ""),
                by=request.user,
                at=at,
                proof=proof_of(request),
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            return redirect("compliance:retention-plan")
    context = {
        "run": run,
        "counts": _counts(run.plan),
        "approve": approve,
        "refuse": refuse,
        "needs_code": needs_code(request),
        "at": at,
        "approve_fields": (("verb", "approve"),),
        "refuse_fields": (("verb", "refuse"),),
        "asked": requests_about(FLOW, f"retention:{run.pk}").first(),
        "may_decide": run.state == RetentionState.ASKED and run.asked_by_id != request.user.pk,
    }
    return render(request, "compliance/retention_decide.html", context, status=_status(form))


@login_required
@require_http_methods(["GET", "POST"])
def case_erasure(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for the destruction of one closed case: its number and no word of it, since who destroys need not be on its team."""
    if not permissions.can_destroy_records(request.user):
        raise PermissionDenied
    case = get_object_or_404(Case, pk=pk)
    at = timezone.now()
    form = DestroyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_case_erasure(
                case_id=pk,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=at,
                proof=proof_of(request),
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Signed. Another person has to sign before anything is destroyed."))
            return redirect("compliance:retention-plan")
    context = {
        "case": case,
        "may_go": may_be_destroyed(case),
        "form": form,
        "needs_code": needs_code(request),
        "at": at,
    }
    return render(request, "compliance/retention_case.html", context, status=_status(form))


def _row(one: Planned) -> dict[str, object]:
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    parts = one.term.clause.split("; ")
    return {
        "planned": one,
        "title": one.term.title[language],
        "starts": one.term.starts[language],
        "why": one.term.why.get(language, ""),
        "law": "; ".join(part for part in parts if part not in POLICY),
        "policy": next((POLICY[part] for part in parts if part in POLICY), ""),
        "confidence": one.term.confidence,
        "held": [(subjects.title_of(subject), subjects.url_of(subject)) for _key, subject in one.first_held],
    }


def _counts(plan: dict[str, dict[str, int]]) -> list[tuple[str, int, int]]:
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return [
        (term_of(name).title[language], one["due"] - one["held"], one["held"])
        for name, one in sorted(plan.items())
    ]


def _status(form: Form) -> int:
    return 400 if form.is_bound and form.errors else 200
