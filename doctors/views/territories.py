"""Pages of a territory's rules, of overlaps and gaps, and the end of a territory."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doctors import actions, permissions
from doctors.forms.territories import CloseForm, RuleForm
from doctors.selectors import placing
from pharmacrm.accounts import selectors as people
from pharmacrm.common.errors import DomainError, Refused


@login_required
@require_GET
def coverage(request: HttpRequest) -> HttpResponse:
    """Show what the rules of all territories leave open: claimed twice, and belonging to nobody."""
    _may_see(request)
    on = timezone.localdate()
    lines = placing.lines_in_use() or [""]
    line = request.GET.get("line", lines[0])
    line = line if line in lines else lines[0]
    context = {
        "lines": lines,
        "line": line,
        "overlaps": placing.overlaps_on(on),
        "gaps": placing.gaps_on(line, on),
        "today": on,
    }
    return render(request, "doctors/territory_coverage.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def territory_rules(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what a territory is made of; a POST adds a rule."""
    _may_see(request)
    on = timezone.localdate()
    place = people.territory_of(pk)
    if place is None:
        raise Http404
    may_change = permissions.can_align(request.user) and people.may_align(request.user, [pk], on)
    form = RuleForm(request.POST if request.method == "POST" else None, user=request.user, on=on)
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        if form.is_valid():
            try:
                actions.add_territory_rule(
                    territory_id=pk,
                    kind=form.cleaned_data["kind"],
                    named=form.cleaned_data["named"],
                    by=request.user,
                    at=timezone.now(),
                )
            except DomainError as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(request, _("The rule is kept. A realignment carries it out."))
                return redirect("doctors:territory-rules", pk=pk)
    context = {
        "place": place,
        "rules": placing.rules_of(pk),
        "coverage": placing.coverage_of(pk, on),
        "form": form,
        "close_form": CloseForm(),
        "may_change": may_change,
        "may_close": may_change and not place.closes_on,
        "today": on,
    }
    return render(request, "doctors/territory_rules.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def rule_end(request: HttpRequest, pk: UUID, rule_pk: UUID) -> HttpResponse:
    """End one rule."""
    _may_see(request)
    if not placing.rules_of(pk).filter(pk=rule_pk).exists():
        raise Http404
    try:
        actions.end_territory_rule(rule_id=rule_pk, by=request.user, at=timezone.now())
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("doctors:territory-rules", pk=pk)


@login_required
@require_POST
def territory_close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close a territory from a day on."""
    if people.territory_of(pk) is None:
        raise Http404
    form = CloseForm(request.POST)
    if form.is_valid():
        try:
            actions.close_territory(
                territory_id=pk,
                closes_on=form.cleaned_data["closes_on"],
                by=request.user,
                at=timezone.now(),
            )
        except Refused:
            raise
        except DomainError as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("The territory closes that day."))
    else:
        messages.error(request, _("Give the day on which it ends."))
    return redirect("doctors:territory-rules", pk=pk)


def _may_see(request: HttpRequest) -> None:
    if not permissions.can_see_alignment(request.user):
        raise PermissionDenied
