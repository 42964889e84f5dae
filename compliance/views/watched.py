"""Watched acts in the browser: the list, the reason, the review."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from compliance import actions, permissions, selectors
from compliance.actions.watching import FLOW
from compliance.choices import WatchState
from compliance.doors import say
from compliance.evaluate import verdict_of
from compliance.forms.rulebook import DecisionForm, FilterWatched
from compliance.selectors import watched as seen
from compliance.selectors.approvals import requests_about
from compliance.subjects import title_of, url_of
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of


@login_required
@require_GET
def watched_list(request: HttpRequest) -> HttpResponse:
    _may_read(request)
    form = FilterWatched(request.GET)
    page = page_of(
        seen.watched_visible_to(request.user, **form.chosen()), request, order=("-asked_at", "-pk")
    )
    at = timezone.now()
    for row in page.rows:
        row.title = title_of(row.subject)
        row.is_late = row.state == WatchState.ASKED and row.due_at < at
    sees_all = permissions.can_handle_findings(request.user) or request.user.has_role("inspector")
    context = {"form": form, "page": page, "sees_all": sees_all}
    if sees_all:
        context |= {"to_review": seen.to_review(), "late": seen.late(at)}
    return render(request, "compliance/watched_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def watched_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one watched act; its author gives the reason here, compliance reviews it here."""
    _may_read(request)
    watched = get_object_or_404(seen.watched_visible_to(request.user).select_related("verdict"), pk=pk)
    form = DecisionForm(request.POST or None)
    is_mine = watched.asked_of_id == request.user.pk
    if not is_mine:
        form.fields["reason"].label = _("What the review found")
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = {"watched_id": pk, "by": request.user, "at": timezone.now()}
        words = form.cleaned_data["reason"]
        try:
            if is_mine:
                actions.give_reason(**given, reason=words)
            else:
                actions.review_watched(**given, review=words)
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Recorded."))
            return redirect("compliance:watched-detail", pk=pk)
    context = {
        "watched": watched,
        "rule": selectors.rule_on(watched.rule, watched.asked_at),
        "shown": [one for one in verdict_of(watched.verdict.body).refusals if one.rule == watched.rule],
        "subject_title": title_of(watched.subject),
        "subject_url": url_of(watched.subject),
        "may_answer": is_mine and watched.state == WatchState.ASKED,
        "may_review": not is_mine
        and watched.state == WatchState.ANSWERED
        and permissions.can_handle_findings(request.user),
        "asked": requests_about(FLOW, f"watched:{watched.pk}").first(),
        "form": form,
    }
    return render(request, "compliance/watched_detail.html", context, status=400 if form.errors else 200)


def _may_read(request: HttpRequest) -> None:
    if not permissions.can_read_rules(request.user):
        raise PermissionDenied
