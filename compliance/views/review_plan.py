"""The plan of the audit-trail reviews: twelve months of it, and what changed it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from compliance import permissions
from compliance.actions.review_plans import change_review_plan
from compliance.doors import say
from compliance.forms.reviews import ReviewPlanForm
from compliance.rules.trail_review import months_from
from compliance.selectors.review_plan import MONTHS_AHEAD, plan_changes, planned_reviews, standing_of_month
from pharmacrm.common.errors import DomainError


@login_required
@require_http_methods(["GET", "POST"])
def review_plan(request: HttpRequest) -> HttpResponse:
    """Show the plan of the next twelve months; a POST changes it from a month on."""
    if not permissions.can_read_ledger(request.user):
        raise PermissionDenied
    may_plan = permissions.can_review_trail(request.user)
    today = timezone.localdate()
    standing = standing_of_month(today.replace(day=1))
    months = list(months_from(today.replace(day=1) - timedelta(days=1), MONTHS_AHEAD + 1))
    initial = {
        **asdict(standing.terms),
        "since": months[1].isoformat(),
        "reviewer": standing.reviewer.pk if standing.reviewer else "",
    }
    form = ReviewPlanForm(request.POST or None, initial=initial, months=months)
    if request.method == "POST":
        if not may_plan:
            raise PermissionDenied
        if form.is_valid():
            try:
                change_review_plan(
                    since=date.fromisoformat(form.cleaned_data["since"]),
                    terms=form.terms(),
                    reviewer_id=form.cleaned_data["reviewer"] or None,
                    reason=form.cleaned_data["reason"],
                    by=request.user,
                    at=timezone.now(),
                )
            except DomainError as refusal:
                say(form, refusal)
            else:
                messages.success(request, _("The plan holds from now on; the change is in the ledger."))
                return redirect("compliance:review-plan")
    context = {
        "planned": planned_reviews(today),
        "changes": plan_changes()[:50],
        "standing": standing,
        "form": form,
        "may_plan": may_plan,
    }
    return render(request, "compliance/review_plan.html", context, status=400 if form.errors else 200)
