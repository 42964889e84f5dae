"""What every page of the phone app shares: who may open it, words for its scripts, the page as the phone keeps it."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from activities.selectors import open_clocks_of
from activities.views.field_words import field_words
from compliance import actions as law
from compliance.doors import reasons_of
from pharmacrm.accounts.choices import Role

View = Callable[..., HttpResponse]
TOKEN = re.compile(
    r'(<meta name="csrf" content=")[^"]*(")|(<input type="hidden" name="csrfmiddlewaretoken" value=")[^"]*(")'
)


def field_page(view: View) -> View:
    """Let representatives and their managers in; send strangers to the login."""

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_role(Role.REP, Role.LINE_MANAGER):
            raise PermissionDenied
        request.show_refusal = _show_refusal  # compliance.doors: a no keeps the frame of the phone
        return view(request, *args, **kwargs)

    return guarded


def carries_reasons(view: View) -> View:
    """Let a form carry its author's reasons for what a rule watches."""

    @wraps(view)
    def reasoned(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with law.reasons_given(reasons_of(request)):
            return view(request, *args, **kwargs)

    return reasoned


def _show_refusal(request: HttpRequest, verdict: Any) -> HttpResponse:
    return show(request, "activities/field/refused.html", {"verdict": verdict}, status=409)


def field_context(request: HttpRequest) -> dict[str, Any]:
    """Return what every page of the phone app needs."""
    return {
        "field_words": field_words(),
        "clocks": open_clocks_of(request.user) if request.user.is_authenticated else [],
        "keeps_day": request.user.is_authenticated and request.user.has_role(Role.REP, Role.LINE_MANAGER),
        "now": timezone.now(),
    }


def show(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render a page of the phone app. It is never kept by a shared or browser cache: the phone's own store is sealed."""
    response = render(request, template, {**field_context(request), **context}, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def as_kept(request: HttpRequest, path: str, template: str, context: dict[str, Any]) -> str:
    """Return a page as the phone keeps it for the time without signal: without the tokens of this moment."""
    there = copy.copy(request)
    there.path = there.path_info = path
    html = render_to_string(template, {**field_context(request), **context, "is_kept": True}, request=there)
    return re.sub(r"\n\s*\n+", "\n", TOKEN.sub(lambda found: (found[1] or found[3]) + '"', html))
