"""`/healthz`: the process answers. `/readyz`: everything it needs answers too, each part named."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from redis import Redis

SLOWEST_SEAL_SECONDS = 120
SLOWEST_WORK = timedelta(minutes=15)
PING_SECONDS = 2.0
WORKER_SEEN_SECONDS = 15


@dataclass(frozen=True)
class Part:
    """One part's answer."""

    name: str
    is_ready: bool
    said: str
    milliseconds: int


@require_GET
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_GET
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    parts = [_asked(name, question) for name, question in QUESTIONS.items()]
    is_ready = all(part.is_ready for part in parts)
    return JsonResponse(
        {
            "ready": is_ready,
            "parts": {
                part.name: {"ready": part.is_ready, "said": part.said, "ms": part.milliseconds}
                for part in parts
            },
        },
        status=200 if is_ready else 503,
    )


def _asked(name: str, question: Callable[[], tuple[bool, str]]) -> Part:
    began = time.monotonic()
    try:
        is_ready, said = question()
    except Exception as problem:  # noqa: BLE001 - whatever is wrong with a part is its answer
        # SECURITY: the class only; a driver's message may hold an address or a user.
        is_ready, said = False, type(problem).__name__
    return Part(name, is_ready, said, int((time.monotonic() - began) * 1000))


def database() -> tuple[bool, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_is_in_recovery()")
        version, is_replica = cursor.fetchone()
    return not is_replica, f"PostgreSQL {version}" + (", a replica" if is_replica else "")


def language() -> tuple[bool, str]:
    """Without LC_CTYPE C.UTF-8 trigram search silently sees no Chinese."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(show_trgm('张伟'))")
        count = cursor.fetchone()[0]
    return count > 0, "Chinese is searchable" if count else "LC_CTYPE of the cluster has to be C.UTF-8"


def redis() -> tuple[bool, str]:
    url = settings.CACHES["default"].get("LOCATION") or settings.CELERY_BROKER_URL
    with Redis.from_url(url, socket_timeout=PING_SECONDS, socket_connect_timeout=PING_SECONDS) as client:
        client.ping()
    return True, "answers"


def worker() -> tuple[bool, str]:
    """Ask a worker; an answer is believed for a few seconds, so that probes do not wait for each other."""
    if cache.get("readyz:worker"):
        return True, "answered a moment ago"
    answers = current_app.control.broadcast("ping", reply=True, limit=1, timeout=PING_SECONDS)
    if answers:
        cache.set("readyz:worker", True, WORKER_SEEN_SECONDS)
    return bool(answers), "answers" if answers else "no worker answers"


def ledger() -> tuple[bool, str]:
    """The sealer keeps up: the oldest entry without a leaf number is young. Its key says when it was made (UUIDv7)."""
    oldest = apps.get_model("compliance", "UnsealedEntry").objects.order_by("entry_id").first()
    seconds = max(0, int(time.time() - (oldest.entry_id.int >> 80) / 1000)) if oldest else 0
    return seconds <= SLOWEST_SEAL_SECONDS, f"{seconds} s behind"


def outbox() -> tuple[bool, str]:
    """Work for later gets done: nothing that is due waits for long. What was given up is named, not held against us."""
    messages = apps.get_model("common", "OutboxMessage").objects
    waiting = messages.filter(state="waiting", due_at__lt=timezone.now() - SLOWEST_WORK).count()
    given_up = messages.filter(state="failed").count()
    return waiting == 0, f"{waiting} late, {given_up} given up"


def rights() -> tuple[bool, str]:
    """The application's role owns no table, so it can neither change nor disable what protects them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND pg_has_role(tableowner, 'MEMBER')"
        )
        owned = cursor.fetchone()[0]
    return (
        owned == 0,
        "the application owns no table" if not owned else f"the application owns {owned} tables",
    )


QUESTIONS: dict[str, Callable[[], tuple[bool, str]]] = {
    "database": database,
    "language": language,
    "redis": redis,
    "worker": worker,
    "ledger": ledger,
    "outbox": outbox,
    "rights": rights,
}
