"""A request whose sender went away half-way is never taken for a whole one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _


class RequestBrokenOff(BadRequest):
    """Fewer bytes came than the sender announced; nothing was done."""


class WholeBodyMiddleware:
    """Makes reading a body fail where it ends before its Content-Length.

    Django's form parser takes what came for all there is, so half a file would be half a document.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or ""
        stream = getattr(request, "_stream", None)
        if stream is not None and str(length).isdigit() and int(length):
            request._stream = _Whole(stream, int(length))  # type: ignore[assignment]
        return self.get_response(request)


class _Whole:
    """A stream that counts what it gives and complains about an early end."""

    def __init__(self, stream: Any, length: int) -> None:
        self._stream = stream
        self._left = length

    def read(self, size: int | None = None) -> bytes:
        return self._given(self._stream.read() if size is None else self._stream.read(size), size)

    def readline(self, size: int | None = None) -> bytes:
        return self._given(self._stream.readline() if size is None else self._stream.readline(size), size)

    def _given(self, piece: bytes, size: int | None) -> bytes:
        self._left -= len(piece)
        is_end = size is None or size < 0 or (not piece and size > 0)
        if is_end and self._left > 0:
            raise RequestBrokenOff(_("The request broke off on its way. Nothing was done; send it again."))
        return piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
