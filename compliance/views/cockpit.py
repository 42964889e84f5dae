"""The cockpit: what presses, in the order of risk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from compliance import permissions, selectors, subjects
from compliance.clocks import clocks_for
from compliance.selectors import cockpit as seen
from compliance.selectors.rulebook import sources_of
from compliance.views.words import due, moment, span


@login_required
@require_GET
def cockpit(request: HttpRequest) -> HttpResponse:
    if not permissions.can_see_cockpit(request.user):
        raise PermissionDenied
    at = timezone.now()
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = request.GET.get("mine") == "1"
    health, checked = seen.ledger_box(at)
    numbers = seen.figures(at, midnight)
    items = seen.queue(at, owner=request.user if mine else None, reader=request.user)
    sources = sources_of([item.rule for item in items if item.rule], at)
    return render(
        request,
        "compliance/cockpit.html",
        {
            "at": at,
            "mine": mine,
            "numbers": numbers,
            "share": _percent(numbers.refused, numbers.judged),
            "queue": [_line(item, sources, at) for item in items],
            "clocks": [_clock(clock, at) for clock in clocks_for(request.user, at)],
            "holds": [_hold(hold, at) for hold in selectors.holds_in_force(at)[:8]],
            "health": health,
            "unsealed_age": span(timedelta(seconds=health.unsealed_age_seconds)),
            "last_checkpoint": moment(health.last_checkpoint_at),
            "checked": checked,
            "checked_at": moment(checked.started_at if checked else None),
            "may_hold": permissions.can_place_hold(request.user),
            "may_lift": permissions.can_lift_hold(request.user),
        },
    )


def _line(item: seen.QueueItem, sources: dict[str, str], at: Any) -> dict[str, Any]:
    words, presses = due(item.due_at, at)
    return {
        "item": item,
        "what": subjects.title_of(item.subject),
        "what_url": subjects.url_of(item.subject),
        "evidence": item.evidence.get("text") or {},
        "evidence_url": item.evidence.get("url", ""),
        "source": sources.get(item.rule, ""),
        "due": words,
        "presses": presses,
        "url": reverse(f"compliance:{item.kind}-detail", args=[item.pk]),
    }


def _clock(clock: Any, at: Any) -> dict[str, Any]:
    words, presses = due(clock.due_at, at)
    whole = (clock.due_at - clock.started_at).total_seconds() or 1
    used = (at - clock.started_at).total_seconds()
    left = clock.due_at - at
    return {
        "clock": clock,
        "left": span(left) if left.total_seconds() > 0 else words,
        "is_late": left.total_seconds() <= 0,
        "percent": max(0, min(100, round(100 * used / whole))),
        "tone": "ban" if presses else "watch" if used / whole > 0.5 else "calm",
    }


def _hold(hold: Any, at: Any) -> dict[str, Any]:
    named = [subjects.title_of(row.subject) for row in hold.subjects.all()]
    return {"hold": hold, "named": named, "age": span(at - hold.placed_at)}


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}%" if whole else "—"
