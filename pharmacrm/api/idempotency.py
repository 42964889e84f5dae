"""Repeated requests have one effect: the answer is kept in the transaction of the effect it belongs to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from pharmacrm.common.models import IdempotencyKey
from pharmacrm.common.references import UnknownReference, check_references

from .authentication import TokenAuthentication
from .errors import plain_problem

HEADER = "Idempotency-Key"
LONGEST = 255
TOO_MANY = 429  # says nothing of the request: the same key may come again


class IdempotencyMiddleware:
    """Asks every POST under /api/v1/ for an Idempotency-Key, and answers a repeated one from memory.

    The key is held by an advisory lock of the transaction, so a crash frees it at once. A view whose
    `idempotency_exempt` is true carries its own operation keys; one whose `takes_files` is true reads forms. A view's `keep_first(request)` runs before the
    transaction opens: what it keeps stays when the rest is undone, so it has to find its own work on a retry.
    Source: draft-ietf-httpapi-idempotency-key-header-07.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.method != "POST" or not request.path.startswith("/api/v1/") or _is_exempt(view):
            return None
        user = _user_of(request)
        if user is None:
            return None  # the view answers 401
        key = request.headers.get(HEADER, "")
        if not key or len(key) > LONGEST:
            return plain_problem(
                request,
                status=400,
                code="idempotency_key_missing",
                detail=_(
                    "Send an Idempotency-Key header of up to %(longest)d characters; repeat it on a retry."
                )
                % {"longest": LONGEST},
            )
        try:
            sent = _content_of(request, files=_takes_files(view))  # read whole before anything is locked
        except RequestDataTooBig:
            return plain_problem(
                request,
                status=413,
                code="too_large",
                detail=_("Send less at once, or send a file by its form."),
            )
        keep_first = getattr(getattr(view, "cls", view), "keep_first", None)
        if keep_first is not None:
            keep_first(request)
        return answer_once(request, key, user, lambda: view(request, *args, **kwargs), sent=sent)


class _UndoneError(Exception):
    """Leaves the transaction so that nothing of a failed request stays."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


def answer_once(
    request: HttpRequest,
    key: str,
    user: Any,
    answer: Callable[[], HttpResponse],
    *,
    sent: bytes | None = None,
) -> HttpResponseBase:
    """Run a request once for a user and key; repeat its stored answer afterwards. `sent` is what it says, its body by default.

    Returns: the answer; 409 while the first is in progress; 422 when the key came with another request.
    """
    sent = request.body if sent is None else sent
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + sent).hexdigest()
    try:
        with transaction.atomic():
            if not _lock(f"{user.pk}:{key}"):
                return plain_problem(
                    request, status=409, code="in_progress", detail=_("The first request is still running.")
                )
            kept = IdempotencyKey.objects.filter(user=user, key=key).first()
            if kept is not None:
                return _replay(request, kept, digest)
            response = answer()
            if hasattr(response, "render") and not response.is_rendered:
                response.render()
            if response.status_code >= 500 or response.status_code == TOO_MANY:
                raise _UndoneError(response)
            if response.status_code < 400:
                check_references()
            IdempotencyKey.objects.create(
                user=user,
                key=key,
                request_sha256=digest,
                status=response.status_code,
                answer=_kept_answer(response),
                created_at=timezone.now(),
            )
            return response
    except _UndoneError as undone:
        return undone.response
    except UnknownReference as unknown:
        return plain_problem(request, status=409, code=unknown.code, detail=unknown.message)


def _content_of(request: HttpRequest, *, files: bool) -> bytes:
    """Return what was sent: the body, or the hash of a form's fields and files, which stay on the disk.

    Raises: RequestDataTooBig.
    """
    if not (files and request.content_type == "multipart/form-data"):
        return request.body
    found = hashlib.sha256(repr(sorted(request.POST.lists())).encode())
    for field, uploads in sorted(request.FILES.lists()):
        for upload in uploads:
            found.update(repr((field, upload.name, upload.size)).encode())
            for piece in upload.chunks():
                found.update(piece)
            upload.seek(0)
    return found.digest()


def _lock(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])


def _replay(request: HttpRequest, kept: IdempotencyKey, digest: str) -> HttpResponseBase:
    if kept.request_sha256 != digest:
        return plain_problem(
            request,
            status=422,
            code="idempotency_key_reused",
            detail=_("This Idempotency-Key was used for another request. Make a new key."),
        )
    answer: dict[str, Any] = kept.answer or {}
    response = HttpResponse(
        json.dumps(answer.get("body"), ensure_ascii=False) if answer.get("body") is not None else b"",
        status=kept.status or 200,
        content_type=answer.get("content_type", "application/json"),
    )
    if answer.get("location"):
        response["Location"] = answer["location"]
    response["Idempotent-Replayed"] = "true"
    return response


def _kept_answer(response: HttpResponse) -> dict[str, Any]:
    content_type = response.headers.get("Content-Type", "")
    body = json.loads(response.content) if response.content and "json" in content_type else None
    return {"body": body, "content_type": content_type, "location": response.headers.get("Location", "")}


def _is_exempt(view: Callable[..., Any]) -> bool:
    return bool(getattr(getattr(view, "cls", view), "idempotency_exempt", False))


def _takes_files(view: Callable[..., Any]) -> bool:
    return bool(getattr(getattr(view, "cls", view), "takes_files", False))


def _user_of(request: HttpRequest) -> Any:
    """Return who asks: the token's person or account, else the session's person."""
    if not request.headers.get("Authorization"):
        return request.user if request.user.is_authenticated else None
    try:
        found = TokenAuthentication().authenticate(request)
    except APIException:
        return None
    return found[0] if found else None
