"""The guard's alarms in the browser: the list, a claim of a false alarm, the decision of two."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from compliance import actions, permissions
from compliance.actions.alarms import FLOW
from compliance.choices import AlarmState, GuardCategory
from compliance.doors import say
from compliance.forms.alarms import ClaimForm, FilterAlarms
from compliance.forms.rulebook import DecisionForm
from compliance.rules.guard import RULE_OF
from compliance.selectors import alarms as seen
from compliance.selectors.approvals import requests_about
from compliance.subjects import title_of, url_of
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of

VERBS = {"release": actions.release_alarm, "confirm": actions.confirm_alarm}


@login_required
@require_GET
def alarm_list(request: HttpRequest) -> HttpResponse:
    _may_read(request)
    form = FilterAlarms(request.GET)
    page = page_of(
        seen.alarms_visible_to(request.user, **form.chosen()), request, order=("-raised_at", "-pk")
    )
    for row in page.rows:
        row.names = _names(row.categories)
    return render(request, "compliance/alarm_list.html", {"form": form, "page": page})


@login_required
def alarm_new(request: HttpRequest) -> HttpResponse:
    _may_read(request)
    given = {name: request.GET.get(name, "") for name in ("place", "kind", "text")}
    form = ClaimForm(request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            alarm = actions.report_false_alarm(**form.cleaned_data, by=request.user, at=timezone.now())
        except DomainError as refusal:
            say(form, refusal)
        else:
            return redirect("compliance:alarm-detail", pk=alarm.pk)
    return render(request, "compliance/alarm_new.html", {"form": form}, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def alarm_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one alarm; those who decide read the words."""
    _may_read(request)
    alarm = get_object_or_404(seen.alarms_visible_to(request.user).defer(None), pk=pk)
    form = DecisionForm(request.POST or None)
    decide = VERBS.get(request.POST.get("verb", ""))
    if request.method == "POST" and form.is_valid() and decide:
        try:
            decide(alarm_id=pk, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Recorded."))
            return redirect("compliance:alarm-detail", pk=pk)
    decides = permissions.can_handle_findings(request.user) and alarm.raised_by_id != request.user.pk
    context = {
        "alarm": alarm,
        "names": _names(alarm.categories),
        "rules": [RULE_OF[name] for name in alarm.categories if name in RULE_OF],
        "subject_title": title_of(alarm.subject) if alarm.subject else "",
        "subject_url": url_of(alarm.subject) if alarm.subject else "",
        "words": seen.words_of(alarm) if decides or alarm.raised_by_id == request.user.pk else "",
        "may_decide": decides and alarm.state == AlarmState.OPEN,
        "may_release": decides and alarm.state == AlarmState.OPEN and alarm.first_by_id != request.user.pk,
        "asked": requests_about(FLOW, f"alarm:{alarm.pk}").first(),
        "form": form,
    }
    return render(request, "compliance/alarm_detail.html", context, status=400 if form.errors else 200)


def _names(categories: list[str]) -> list[str]:
    known = dict(GuardCategory.choices)
    return [str(known.get(name, name)) for name in categories]


def _may_read(request: HttpRequest) -> None:
    if not permissions.can_read_rules(request.user):
        raise PermissionDenied
