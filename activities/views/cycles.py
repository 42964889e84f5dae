"""Desktop: cycles, their goals, and how far each goal is reached."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from activities import actions, permissions, selectors
from activities.forms.desk import CycleForm, day_after, day_before
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of


@login_required
def cycle_list(request: HttpRequest) -> HttpResponse:
    """The cycles; who sets goals opens a new one here."""
    if not permissions.can_see_plans(request.user):
        raise PermissionDenied
    may_plan = permissions.can_plan_cycle(request.user)
    form = CycleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not may_plan:
            raise PermissionDenied
        if form.is_valid():
            said = form.cleaned_data
            try:
                cycle = actions.open_cycle(
                    code=said["code"],
                    name=said["name"],
                    starts_on=said["starts_on"],
                    ends_on=day_after(said["ends_on"]),
                    goals=form.goals(),
                    by=request.user,
                    at=timezone.now(),
                )
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.message)
            else:
                return redirect("activities:cycle-detail", pk=cycle.pk)
    page = page_of(selectors.cycles(), request, order=("-starts_on", "-pk"))
    return render(
        request,
        "activities/cycle_list.html",
        {"page": page, "form": form, "may_plan": may_plan},
        status=400 if form.is_bound else 200,
    )


@login_required
def cycle_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One cycle: coverage and frequency against each goal, with base and rows."""
    if not permissions.can_see_plans(request.user):
        raise PermissionDenied
    cycle = selectors.cycles().filter(pk=pk).first()
    if cycle is None:
        raise Http404
    return render(
        request,
        "activities/cycle_detail.html",
        {
            "cycle": cycle,
            "last_day": day_before(cycle.ends_on),
            "lines": selectors.attainment_of(cycle, request.user, on=timezone.localdate()),
            "at": timezone.now(),
        },
    )
