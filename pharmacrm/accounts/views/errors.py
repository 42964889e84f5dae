"""What a reader sees when a page cannot be shown: what happened, and what to do next."""

from __future__ import annotations

import logging
import sys
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from pharmacrm.accounts import selectors
from pharmacrm.common.bodies import RequestBrokenOff
from pharmacrm.common.ids import uuid7

log = logging.getLogger(__name__)
NAMES_SHOWN = 3


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    said = str(exception) if isinstance(exception, RequestBrokenOff) else ""
    return _answer(request, 400, _("This request could not be read"), said=said)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long, or came from elsewhere: nothing was done."""
    log.warning("CSRF: %s %s", request.path, reason)
    return _answer(request, 403, _("This form has expired"), kind="csrf")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Name who can grant what is missing."""
    said = str(exception) if exception and str(exception) else ""
    granters: list[str] = []
    if getattr(request, "user", None) and request.user.is_authenticated:
        granters = [str(person) for person in selectors.administrators()[:NAMES_SHOWN]]
    return _answer(request, 403, _("You cannot see this"), said=said, granters=granters)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, _("There is nothing at this address"))


def server_error(request: HttpRequest) -> HttpResponse:
    """Give a number to quote; the same number stands in the log. Touches neither session nor database."""
    number = str(uuid7()).split("-")[-1]
    log.error("Fault %s at %s", number, request.path, exc_info=sys.exc_info())
    if request.path.startswith("/api/"):
        said = _("Something failed on our side")
        return _problem(request, 500, said, detail=said, fault=number)
    shell = SimpleNamespace(is_english=str(get_language()).startswith("en"), theme="auto")
    context = {"number": number, "shell": shell, "demo": settings.DEMO, "status": 500}
    return HttpResponse(render_to_string("errors/500.html", context), status=500)


def offline(request: HttpRequest) -> HttpResponse:
    """What a service worker keeps for the day without signal."""
    return render(request, "errors/offline.html")


def _answer(request: HttpRequest, status: int, title: str, *, kind: str = "", **context: Any) -> HttpResponse:
    if request.path.startswith("/api/"):
        return _problem(request, status, title, detail=context.get("said") or title)
    is_known = _is_known(request)
    context = {
        "status": status,
        "kind": kind or str(status),
        "heading": title,
        "is_known": is_known,
        **context,
    }
    if getattr(request, "htmx", False):
        return render(request, "errors/part.html", context, status=status)
    context["layout"] = "base.html" if is_known else "plain.html"
    return render(request, "errors/page.html", context, status=status)


def _is_known(request: HttpRequest) -> bool:
    try:
        return bool(getattr(request, "user", None) and request.user.is_authenticated)
    except DatabaseError:
        return False


def _problem(request: HttpRequest, status: int, title: str, **more: str) -> JsonResponse:
    body = {"type": "about:blank", "title": title, "status": status, "instance": request.path, **more}
    return JsonResponse(
        body,
        status=status,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )
