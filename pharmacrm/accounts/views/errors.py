"""What a reader sees when a page cannot be shown: what happened, and what to do next."""

from __future__ import annotations

import errno
import logging
import sys
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token
from redis.exceptions import RedisError

from pharmacrm.accounts import selectors
from pharmacrm.common.bodies import RequestBrokenOff
from pharmacrm.common.ids import uuid7

log = logging.getLogger(__name__)
NAMES_SHOWN = 3
RETRY_SECONDS = 5
FULL = {errno.ENOSPC, errno.EDQUOT}


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


def too_large(request: HttpRequest) -> HttpResponse:
    """Say how large an upload may be. What came was read past and thrown away."""
    said = _("A file may have %(limit)d MB. Split it or make it smaller; nothing was kept.") % {
        "limit": settings.MAX_UPLOAD_BYTES // (1024 * 1024)
    }
    return _answer(request, 413, _("This upload is too large"), said=said)


def server_error(request: HttpRequest) -> HttpResponse:
    """Give a number to quote; the same number stands in the log. Touches neither session nor database."""
    number = str(uuid7()).split("-")[-1]
    log.error("Fault %s at %s", number, request.path, exc_info=sys.exc_info())
    is_passing = will_pass(sys.exc_info()[1])
    status, title = (
        (503, _("The service is not ready.")) if is_passing else (500, _("Something failed on our side"))
    )
    headers = {"Retry-After": str(RETRY_SECONDS)} if is_passing else {}
    if is_full(sys.exc_info()[1]):
        title = _("There is no room left on the server. Nothing was kept; try again once room is made.")
    if request.path.startswith("/api/"):
        return _problem(request, status, title, headers=headers, detail=title, fault=number)
    shell = SimpleNamespace(is_english=str(get_language()).startswith("en"), theme="auto")
    context = {"number": number, "shell": shell, "demo": settings.DEMO, "status": status, "heading": title}
    return HttpResponse(render_to_string("errors/500.html", context), status=status, headers=headers)


def will_pass(error: BaseException | None) -> bool:
    """Return whether what failed is a part that comes back: the database, Redis, room on the disk."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError | RedisError):
            return True
        if _found_no_room(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def is_full(error: BaseException | None) -> bool:
    """Return whether what failed found no room on the disk."""
    while error is not None:
        if _found_no_room(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _found_no_room(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in FULL


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


def _problem(
    request: HttpRequest, status: int, title: str, *, headers: dict[str, str] | None = None, **more: str
) -> JsonResponse:
    body = {"type": "about:blank", "title": title, "status": status, "instance": request.path, **more}
    return JsonResponse(
        body,
        status=status,
        headers=headers,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )
