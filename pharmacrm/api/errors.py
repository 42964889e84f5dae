"""The one handler of the REST doors: every error becomes problem+json, every refusal is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from math import ceil
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from compliance.actions import record_refused
from pharmacrm.common.errors import DomainError, Refused

from .problems import CONTENT_TYPE, problem_body, refused_body


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an error raised in a view into a problem; an unknown one goes on to the 500 page."""
    request = context["request"]
    instance = request.path
    if isinstance(error, Refused):
        record_refused(error, by=request.user, at=timezone.now())
        body = refused_body(
            error.verdict, instance=instance, case_number=error.case_number, is_asked=bool(error.asked_url)
        )
        return _answer(body)
    if isinstance(error, DomainError):
        return _answer(_not_now(error, instance))
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    return _answer(_body_of(error, instance), _headers_of(error))


def plain_problem(request: HttpRequest, *, status: int, code: str, detail: str, **more: Any) -> JsonResponse:
    """Return a problem from outside a REST view: an unknown address, a middleware."""
    body = problem_body(
        status=status, code=code, title=title_of(status), detail=detail, instance=request.path, **more
    )
    return JsonResponse(
        body, status=status, content_type=CONTENT_TYPE, json_dumps_params={"ensure_ascii": False}
    )


def title_of(status: int) -> str:
    """Return the short sentence of a status, in the reader's language."""
    return {
        400: _("The request cannot be read."),
        401: _("Sign in first."),
        403: _("You may not do this."),
        404: _("There is nothing at this address for you."),
        405: _("This address does not take that method."),
        406: _("No such form of answer is offered here."),
        409: _("This cannot be done now."),
        413: _("The request is too large."),
        415: _("This media type is not understood."),
        422: _("This key belongs to another request."),
        429: _("Too many requests."),
        500: _("Something went wrong on our side."),
        503: _("The service is not ready."),
    }.get(int(status), HTTPStatus(status).phrase)


def _answer(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def _not_now(error: DomainError, instance: str) -> dict[str, Any]:
    more = {"errors": [{"pointer": f"#/{error.field}", "detail": str(error)}]} if error.field else {}
    return problem_body(
        status=HTTPStatus.CONFLICT,
        code=error.code,
        title=title_of(HTTPStatus.CONFLICT),
        detail=str(error),
        instance=instance,
        **more,
    )


def _body_of(error: exceptions.APIException, instance: str) -> dict[str, Any]:
    signed_out = isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed)
    status = HTTPStatus.UNAUTHORIZED if signed_out else error.status_code
    more = {"errors": list(_errors(error.detail))} if isinstance(error, exceptions.ValidationError) else {}
    return problem_body(
        status=status,
        code=error.default_code,
        title=title_of(status),
        detail=_("The request has the wrong shape.") if more else str(error.detail),
        instance=instance,
        **more,
    )


def _headers_of(error: exceptions.APIException) -> dict[str, str]:
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return {"WWW-Authenticate": 'Bearer realm="api"'}
    if isinstance(error, exceptions.Throttled) and error.wait:
        return {"Retry-After": str(ceil(error.wait))}
    return {}


def _errors(detail: Any, pointer: str = "#") -> Iterator[dict[str, str]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _errors(inner, pointer if name == "non_field_errors" else f"{pointer}/{name}")
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _errors(inner, f"{pointer}/{place}" if nested else pointer)
    else:
        yield {"pointer": pointer, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}
