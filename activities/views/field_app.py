"""What makes the phone's pages an app: manifest, service worker, empty shell, the day's bundle, the log's way home."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import orjson
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST

from activities import actions
from activities.views.field_bundle import bundle_parts
from activities.views.field_words import field_words
from compliance.selectors import last_hold_at
from content import selectors as content
from doctors import selectors as doctors
from pharmacrm.accounts.choices import Role

SHELL_SCRIPTS = (
    "boot", "bundle", "clock", "doctors", "drain", "env", "forms", "guard", "keep", "law", "log", "mine", "ops",
    "reasons", "safety", "settings", "shell", "store", "strip", "today", "uuid", "vault", "verdict", "viewer", "words",
)  # fmt: skip
SHELL_FILES = (
    "css/pharmacrm.css",
    "vendor/@tabler/core/dist/css/tabler.min.css",
    "vendor/idb/build/index.js",
    "vendor/cel.js",
    "img/mark.svg",
    "js/theme.js",
    *(f"js/field/{name}.js" for name in SHELL_SCRIPTS),
)


def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest: name, scope, icon, first page."""
    body = {
        "id": "/field/",
        "name": "PharmaCRM",
        "short_name": "PharmaCRM",
        "start_url": "/field/",
        "scope": "/field/",
        "display": "standalone",
        "lang": request.LANGUAGE_CODE,
        "background_color": "#ffffff",
        "theme_color": "#0b6470",
        "icons": [{"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
    return JsonResponse(body, content_type="application/manifest+json")


@never_cache
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker, with the list of what it keeps and a version made of their bytes."""
    context = {
        "version": shell_version(),
        "files": orjson.dumps([static(name) for name in shell_files()]).decode(),
    }
    response = render(
        request, "activities/field/sw.js", context, content_type="text/javascript; charset=utf-8"
    )
    response.headers["Service-Worker-Allowed"] = "/field/"
    return response


@ensure_csrf_cookie
@never_cache
def shell(request: HttpRequest) -> HttpResponse:
    """A page without anybody's data: what opens without signal, to be filled from the phone's own store."""
    return render(request, "activities/field/shell.html", {"field_words": field_words()})


@never_cache
def bundle(request: HttpRequest) -> HttpResponse:
    """The day for the pocket. `have` lists the parts the phone holds with their hashes; only others are sent."""
    refused = _refuse_stranger(request)
    if refused:
        return refused
    have = dict(part.split(":", 1) for part in request.GET.get("have", "").split(",") if ":" in part)
    parts = {}
    for name, value in bundle_parts(request).items():
        digest = hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()[:20]
        if have.get(name) != digest:
            parts[name] = {"hash": digest, "value": value}
    body = orjson.dumps(
        {"server_at": timezone.now().isoformat(), "user": str(request.user.pk), "parts": parts}
    )
    return HttpResponse(body, content_type="application/json")


@never_cache
def withdrawn(request: HttpRequest) -> HttpResponse:
    """The versions this person's devices have to drop now, when a doctor of theirs last answered on consent, and when
    something was last stopped or let go.

    A phone that sees another moment there fetches its day again: a withdrawal and a hold reach it within the minute.
    """
    refused = _refuse_stranger(request)
    if refused:
        return refused
    now = timezone.now()
    return JsonResponse(
        {
            "server_at": now.isoformat(),
            "until": now.isoformat(),
            "versions": [str(key) for key in content.withdrawn_since(request.user, now)],
            "consents_at": doctors.last_consent_at(request.user, timezone.localdate()),
            "holds_at": last_hold_at(),
        }
    )


@require_POST
@never_cache
def sync(request: HttpRequest) -> HttpResponse:
    """Carry out a phone's operations in their order; each has its own transaction and its own answer.

    The answers stop before the first operation that met a fault of ours: the phone keeps it and all after it.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"code": "signed_out"}, status=401)
    if request.headers.get("X-Field-User", str(request.user.pk)) != str(request.user.pk):
        return JsonResponse(
            {"code": "other_user", "detail": _("These records belong to somebody else.")}, status=409
        )
    try:
        operations = actions.read_operations(orjson.loads(request.body))
    except (ValueError, TypeError, KeyError):
        return JsonResponse(
            {"code": "not_understood", "detail": _("The request cannot be read.")}, status=400
        )
    answers = actions.answer_operations(operations, by=request.user, at=timezone.now())
    return JsonResponse({"server_at": timezone.now().isoformat(), "answers": answers})


def _refuse_stranger(request: HttpRequest) -> HttpResponse | None:
    if not request.user.is_authenticated:
        return JsonResponse({"code": "signed_out"}, status=401)
    if not request.user.has_role(Role.REP, Role.LINE_MANAGER):
        raise PermissionDenied
    return None


def shell_files() -> list[str]:
    """Return what the service worker keeps, as far as it is there."""
    return [name for name in SHELL_FILES if _place(name)]


def shell_version() -> str:
    """Return a hash over the bytes of all that is kept; computed once a process, each time while developing."""
    return _version() if not settings.DEBUG else _version.__wrapped__()


@lru_cache(maxsize=1)
def _version() -> str:
    digest = hashlib.sha256()
    for name in shell_files():
        place = _place(name)
        if place:
            with open(place, "rb") as handle:
                digest.update(name.encode() + handle.read())
    return digest.hexdigest()[:16]


def _place(name: str) -> str | None:
    found = finders.find(name)
    return found if isinstance(found, str) else None
