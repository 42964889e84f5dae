"""How many requests a minute one caller may send over REST."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

MINUTE = 60
log = logging.getLogger(__name__)


class PerMinute(BaseThrottle):
    """Counts requests in the running minute, one counter for all servers. A counter that does not answer stops nobody.

    Figures stand in `settings.REST_PER_MINUTE`. Source: RFC 6585, 4; RFC 9110, 10.2.3.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        kind, name = caller_of(request)
        return _count(f"rest:{kind}:{name}:{int(time.time()) // MINUTE}") <= settings.REST_PER_MINUTE[kind]

    def wait(self) -> float:
        return MINUTE - time.time() % MINUTE


def caller_of(request: Request) -> tuple[str, str]:
    """Return the kind of caller and its name: a client alone, a person through one application, or an address."""
    token = request.auth
    if token is not None and token.user_id is None:
        return "client", str(token.application_id)
    if request.user and request.user.is_authenticated:
        return "person", f"{request.user.pk}:{token.application_id if token is not None else ''}"
    return "anonymous", BaseThrottle().get_ident(request)


def _count(key: str) -> int:
    try:
        return int(cache.count(key, timeout=2 * MINUTE))  # type: ignore[attr-defined]
    except (RedisError, OSError) as error:
        log.warning("Requests over REST are not counted: %s", error)
        return 0
