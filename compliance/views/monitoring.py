"""Monitoring: the findings' queue, sampling plans, and what the detectors search for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance import actions, permissions, subjects
from compliance.actions.monitoring import plan_fingerprint
from compliance.doors import needs_code, proof_of, say
from compliance.forms.monitoring import FindingFilter, PlanMonitoringForm, ReviewItemForm
from compliance.models import MonitoringPlan
from compliance.populations import detectors, populations
from compliance.selectors import monitoring as seen
from compliance.selectors.rulebook import sources_of
from compliance.selectors.standing import signed_rows, standing_of
from compliance.templatetags.ledger_words import kind_words
from compliance.views.words import due
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of
from pharmacrm.common.outbox import enqueue
from pharmacrm.common.signing_forms import SignForm

SCAN = "activities.scan_for_signals"


def _guarded(request: HttpRequest) -> bool:
    if not permissions.can_see_cockpit(request.user):
        raise PermissionDenied
    return permissions.can_handle_findings(request.user)


@login_required
@require_GET
def finding_list(request: HttpRequest) -> HttpResponse:
    """List findings by risk, then by due time."""
    _guarded(request)
    at = timezone.now()
    form = FindingFilter(request.GET, kinds=[(kind, kind_words(kind)) for kind in seen.finding_kinds()])
    chosen = form.chosen()
    if "state" not in request.GET:
        chosen.setdefault("state", "open")
    rows = seen.findings_queue(request.user, at, **chosen)
    page = page_of(rows.filter(due_at__isnull=False), request, order=("risk", "due_at", "pk"))
    undated = (
        [] if "after" in request.GET else list(rows.filter(due_at__isnull=True).order_by("risk", "pk")[:50])
    )
    shown = [*page.rows, *undated]
    sources = sources_of([row.rule for row in shown if row.rule], at)
    context = {
        "form": form,
        "page": page,
        "rows": [
            {
                "finding": row,
                "what": subjects.title_of(row.subject),
                "due": due(row.due_at, at),
                "source": sources.get(row.rule, ""),
            }
            for row in shown
        ],
    }
    return render(request, "compliance/finding_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def monitoring_list(request: HttpRequest) -> HttpResponse:
    """Show plans and detectors; a POST publishes a plan."""
    may_act = _guarded(request)
    form = PlanMonitoringForm(request.POST or None)
    if request.method == "POST":
        if not may_act:
            raise PermissionDenied
        if form.is_valid():
            try:
                plan = actions.plan_monitoring(by=request.user, at=timezone.now(), **form.cleaned_data)
            except DomainError as refusal:
                say(form, refusal)
            else:
                return redirect("compliance:monitoring-detail", plan.pk)
    signals = seen.open_signals()
    context = {
        "form": form,
        "may_act": may_act,
        "page": page_of(seen.plans(), request, order=("-planned_at", "-pk")),
        "populations": populations(),
        "detectors": [(one, signals.get(one.name, 0)) for one in detectors().values()],
    }
    return render(request, "compliance/monitoring_list.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def run_detectors(request: HttpRequest) -> HttpResponse:
    """Ask for the detectors' run now instead of tonight."""
    if not _guarded(request):
        raise PermissionDenied
    with transaction.atomic():
        enqueue(SCAN)
    messages.success(request, _("The detectors run now; what they find appears in the queue."))
    return redirect("compliance:monitoring-list")


@login_required
@require_http_methods(["GET", "POST"])
def monitoring_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a plan and its sample; a POST draws, reviews an item or closes."""
    may_act = _guarded(request)
    plan = get_object_or_404(MonitoringPlan.objects.select_related("planned_by", "closing_signature"), pk=pk)
    verb = request.POST.get("verb", "")
    review, close = ReviewItemForm(), SignForm(auto_id="close_%s")
    problem = ""
    if request.method == "POST":
        if not may_act:
            raise PermissionDenied
        form: Any = {"review": ReviewItemForm, "close": SignForm}.get(verb)
        form = form(request.POST) if form else None
        review, close = (form or review, close) if verb == "review" else (review, form or close)
        if verb not in {"draw", "review", "close"}:
            raise Http404
        if form is None or form.is_valid():
            try:
                _act(request, plan, verb, form)
            except ObjectDoesNotExist as gone:
                raise Http404 from gone
            except DomainError as refusal:
                if form is None:
                    problem = refusal.message
                else:
                    say(form, refusal)
            else:
                return redirect("compliance:monitoring-detail", pk)
    words = seen.point_words(plan.population)
    items = list(plan.items.select_related("reviewed_by", "finding").order_by("place"))
    left = sum(item.result == "open" for item in items)
    context = {
        "plan": plan,
        "title_of_population": populations()[plan.population].title,
        "table": [(words.get(reason, reason), points) for reason, points in plan.points],
        "items": [
            {
                "item": item,
                "what": subjects.title_of(item.subject),
                "url": subjects.url_of(item.subject),
                "why": [(words.get(reason, reason), points) for reason, points in item.points],
                "form": ReviewItemForm(auto_id=f"i{item.place}_%s"),
            }
            for item in items
        ],
        "differs": seen.sample_differs(plan) if plan.seed else [],
        "left": left,
        "may_act": may_act and plan.state != "closed",
        "may_close": may_act and plan.state == "drawn" and not left,
        "review": review,
        "close": close,
        "close_fields": (("verb", "close"),),
        "problem": problem,
        "fingerprint": plan_fingerprint(plan),
        "standing": standing_of(plan.closing_signature, plan_fingerprint(plan), signed_rows(plan))
        if plan.closing_signature
        else None,
        "needs_code": needs_code(request),
        "at": timezone.now(),
    }
    status = 400 if problem or review.errors or close.errors else 200
    return render(request, "compliance/monitoring_detail.html", context, status=status)


def _act(request: HttpRequest, plan: MonitoringPlan, verb: str, form: Any) -> None:
    by, at = request.user, timezone.now()
    if verb == "draw":
        actions.draw_sample(plan_id=plan.pk, by=by, at=at)
    elif verb == "review":
        actions.review_item(by=by, at=at, **form.cleaned_data)
    else:
        actions.close_monitoring(plan_id=plan.pk, by=by, at=at, proof=proof_of(request))
