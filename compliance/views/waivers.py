"""Exceptions in the browser: the list, a request, a decision."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from compliance import actions, permissions, selectors
from compliance.actions.waivers import FLOW
from compliance.doors import say
from compliance.forms.rulebook import DecisionForm, FilterWaivers, WaiverForm
from compliance.models import Waiver
from compliance.selectors.approvals import requests_about
from compliance.subjects import title_of, url_of
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import Column, excel, export_url, page_of

COLUMNS = (
    Column(gettext_lazy("Rule"), "rule"),
    Column(gettext_lazy("For"), lambda row: title_of(row.subject)),
    Column(gettext_lazy("State"), lambda row: row.get_state_display()),
    Column(gettext_lazy("From"), "valid_from"),
    Column(gettext_lazy("Until before"), "valid_until"),
    Column(gettext_lazy("Requested by"), lambda row: str(row.requested_by)),
    Column(gettext_lazy("Reason"), "reason"),
    Column(gettext_lazy("Decided by"), lambda row: str(row.decided_by or "")),
)


@login_required
def waiver_list(request: HttpRequest) -> HttpResponse:
    _may(permissions.can_read_waivers(request.user))
    form = FilterWaivers(request.GET)
    rows = selectors.waivers_visible_to(request.user, **form.chosen())
    if request.GET.get("export") == "xlsx":
        return excel(
            "waivers",
            COLUMNS,
            rows,
            seen_by=request.user,
            at=timezone.now(),
            person=None,
            filters=form.in_words(),
        )
    page = page_of(rows, request, order=("-requested_at", "-pk"))
    for row in page.rows:
        row.title = title_of(row.subject)
    context = {"form": form, "page": page, "export": export_url(request)}
    return render(request, "compliance/waiver_list.html", context)


@login_required
def waiver_new(request: HttpRequest) -> HttpResponse:
    _may(permissions.can_request_waiver(request.user))
    at = timezone.now()
    today = timezone.localdate(at)
    language = "en" if (get_language() or "").startswith("en") else "zh"
    rules = [(rule.id, f"{rule.id} {rule.title[language]}") for rule in selectors.waivable_rules(at)]
    initial = {
        "rule": request.GET.get("rule", ""),
        "subject": request.GET.get("subject", ""),
        "valid_from": today,
        "valid_until": today + timedelta(days=30),
    }
    form = WaiverForm(request.POST or None, rules=rules, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            waiver = actions.request_waiver(**form.cleaned_data, by=request.user, at=at)
        except actions.WaiverNotRequested as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            return redirect("compliance:waiver-detail", pk=waiver.pk)
    return render(request, "compliance/waiver_new.html", {"form": form})


@login_required
def waiver_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _page(request, _visible(request, pk), DecisionForm())


@login_required
@require_POST
def waiver_decide(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    waiver = _visible(request, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, waiver, form)
    given = {"waiver_id": pk, "reason": form.cleaned_data["reason"], "by": request.user, "at": timezone.now()}
    try:
        if verb == "revoke":
            actions.revoke_waiver(**given)
        else:
            actions.decide_waiver(**given, grant=verb == "grant")
    except DomainError as refusal:
        say(form, refusal)
        return _page(request, waiver, form)
    messages.success(request, _("Recorded."))
    return redirect("compliance:waiver-detail", pk=pk)


def _page(request: HttpRequest, waiver: Waiver, form: DecisionForm) -> HttpResponse:
    at = timezone.now()
    role = selectors.waiver_role(waiver.rule, at)
    context = {
        "waiver": waiver,
        "rule": selectors.rule_on(waiver.rule, at),
        "subject_title": title_of(waiver.subject),
        "subject_url": url_of(waiver.subject),
        "form": form,
        "asked": requests_about(FLOW, f"waiver:{waiver.pk}").first(),
        "can_decide": waiver.state == "requested"
        and permissions.can_decide_waiver(request.user, waiver, approver_role=role),
        "can_revoke": waiver.state == "granted" and permissions.can_change_rules(request.user),
    }
    return render(request, "compliance/waiver_detail.html", context)


def _visible(request: HttpRequest, pk: UUID) -> Waiver:
    _may(permissions.can_read_waivers(request.user))
    return get_object_or_404(selectors.waivers_visible_to(request.user), pk=pk)


def _may(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied
