"""Holds: place one after typing its name, see what it stopped, lift it by signature."""

from __future__ import annotations

from collections.abc import Iterable
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

from compliance import actions, permissions, selectors, subjects
from compliance.actions.holds import hold_fingerprint
from compliance.doors import needs_code, proof_of, say
from compliance.forms.oversight import HoldForm, LiftForm
from compliance.models import Hold
from compliance.selectors.holds import acts_stopped_by, holds_lifted
from compliance.selectors.standing import signed_rows, standing_of
from compliance.views.words import span
from pharmacrm.common.errors import DomainError
from pharmacrm.common.listing import page_of

SHOWN = 50


@login_required
@require_http_methods(["GET", "POST"])
def hold_list(request: HttpRequest) -> HttpResponse:
    """Show what is stopped; a POST names what will stop, and stops it once its name was typed."""
    may_place = permissions.can_place_hold(request.user)
    if not may_place and not permissions.can_see_cockpit(request.user):
        raise PermissionDenied
    at = timezone.now()
    asked = {"subjects": request.GET.get("subject", ""), "reason": request.GET.get("reason", "")}
    form = HoldForm(request.POST or None, initial=asked)
    named: list[str] = []
    resting: list[subjects.Resting] = []
    if request.method == "POST":
        if not may_place:
            raise PermissionDenied
        if form.is_valid():
            named = [subjects.title_of(subject) for subject in form.cleaned_data["subjects"]]
            resting = subjects.resting_on(_all_names(form.cleaned_data["subjects"]), at)
            if _confirmed(form, named) and _place(request, form, at):
                return redirect("compliance:hold-list")
    in_force = [
        {
            "hold": hold,
            "named": _named(row.subject for row in hold.subjects.all()),
            "age": span(at - hold.placed_at),
            "stopped": sum(line["count"] for line in hold.reach),
        }
        for hold in selectors.holds_in_force(at)[:200]
    ]
    context = {
        "form": form,
        "chosen": _named(_lines_of(form)),
        "named": named,
        "resting": resting,
        "holds": in_force,
        "lifted": page_of(holds_lifted(), request, order=("-lifted_at", "-pk"), size=20),
        "may_place": may_place,
        "may_lift": permissions.can_lift_hold(request.user),
    }
    return render(request, "compliance/hold_list.html", context, status=_status(form))


@login_required
@require_GET
def hold_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one hold: what it stops, why, what rested on it when it was placed, and the acts it has stopped."""
    may_place = permissions.can_place_hold(request.user)
    if not may_place and not permissions.can_see_cockpit(request.user):
        raise PermissionDenied
    hold = get_object_or_404(
        Hold.objects.select_related("placed_by", "lifted_by", "lift_signature", "case"), pk=pk
    )
    names = sorted(hold.subjects.values_list("subject", flat=True))
    stopped = acts_stopped_by(hold, names)
    context = {
        "hold": hold,
        "named": _named(names),
        "reach": [
            {
                "kind": line["kind"],
                "count": line["count"],
                "rows": _named(line["subjects"][:SHOWN]),
                "more": max(0, line["count"] - SHOWN),
            }
            for line in hold.reach
        ],
        "stopped": [
            (row, subjects.title_of(row.subject), subjects.url_of(row.subject)) for row in stopped[:SHOWN]
        ],
        "standing": standing_of(hold.lift_signature, hold_fingerprint(hold, names), signed_rows(hold))
        if hold.lift_signature
        else None,
        "may_see_case": bool(hold.case) and permissions.can_see_cockpit(request.user),
        "may_lift": permissions.can_lift_hold(request.user),
    }
    return render(request, "compliance/hold_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def hold_lift(request: HttpRequest, pk: UUID) -> HttpResponse:
    if not permissions.can_lift_hold(request.user):
        raise PermissionDenied
    hold = get_object_or_404(Hold.objects.select_related("placed_by", "lifted_by"), pk=pk)
    named = sorted(hold.subjects.values_list("subject", flat=True))
    at = timezone.now()
    form = LiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.lift_hold(
                hold_id=pk,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=at,
                proof=proof_of(request),
            )
        except DomainError as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("The hold is lifted."))
            return redirect("compliance:hold-list")
    context = {
        "hold": hold,
        "named": _named(named),
        "words": ", ".join(name for name, _url in _named(named)),
        "form": form,
        "fingerprint": hold_fingerprint(hold, named),
        "needs_code": needs_code(request),
        "at": at,
    }
    return render(request, "compliance/hold_lift.html", context, status=_status(form))


def _named(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return (title, address) of subjects, each thing once however many names it goes by."""
    return list(dict.fromkeys((subjects.title_of(name), subjects.url_of(name)) for name in names))


def _lines_of(form: HoldForm) -> list[str]:
    """Return the subjects that a record's own page has filled in."""
    return [line for line in str(form["subjects"].value() or "").splitlines() if subjects.is_named(line)]


def _all_names(asked: Iterable[str]) -> list[str]:
    return [name for subject in asked for name in subjects.also_named(subject)]


def _confirmed(form: HoldForm, named: list[str]) -> bool:
    typed = form.cleaned_data["confirm"].strip()
    if typed and typed != named[0]:
        form.add_error("confirm", _("This is not the name. Type it exactly as it stands above."))
    return bool(named) and typed == named[0]


def _place(request: HttpRequest, form: HoldForm, at: Any) -> bool:
    try:
        actions.place_hold(
            subjects=form.cleaned_data["subjects"], reason=form.cleaned_data["reason"], by=request.user, at=at
        )
    except DomainError as refusal:
        say(form, refusal)
        return False
    messages.success(request, _("Stopped everywhere, from this moment."))
    return True


def _status(form: Any) -> int:
    return 400 if form.is_bound and form.errors else 200
