"""Parts every REST door uses: fast JSON, cursor pages, scopes, and who counts as a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db import DataError
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import parsers, serializers
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from .errors import DomainError, Refused
from .leaving import Door, count_leaving


class JSONRenderer(BaseRenderer):
    """JSON by orjson: UTF-8, ISO 8601 with offset."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS)


class JSONParser(parsers.JSONParser):
    """JSON that no nesting brings down."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("The content is nested too deeply.")) from error


class Binary(JSONRenderer):
    """Bytes as they are. The view answers with them itself; this says which type a client may ask for.

    What comes to be rendered is a problem, which is JSON whatever was asked for.
    """

    render_style = "binary"


class Workbook(Binary):
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    format = "xlsx"


class PDF(Binary):
    media_type = "application/pdf"
    format = "pdf"


class PNG(Binary):
    media_type = "image/png"
    format = "png"


class JPEG(Binary):
    media_type = "image/jpeg"
    format = "jpg"


class WebP(Binary):
    media_type = "image/webp"
    format = "webp"


class StampSerializer(serializers.Serializer[Any]):
    """An e-signature as it is shown: printed name, post, meaning, moment with zone, fingerprint. Source: 21 CFR 11.50."""

    printed_name = serializers.CharField(read_only=True)
    job_title = serializers.CharField(read_only=True)
    meaning = serializers.CharField(read_only=True)
    signed_at = serializers.CharField(read_only=True, help_text="ISO 8601 with the offset of the zone.")
    time_zone = serializers.CharField(read_only=True)
    content_sha256 = serializers.CharField(read_only=True)
    is_untouched = serializers.BooleanField(read_only=True)


class CountsPersons:
    """A REST door whose answers are about persons: they are counted before they leave by a token.

    `person_keys` name the keys whose values are persons, at any depth; a subject that is a doctor's counts too. A
    signed-in browser reads its own screen; that is no export.
    """

    person_keys: tuple[str, ...] = ("doctor",)
    person_in_address = ""  # the part of the address that is the person, where the answer does not say so
    leaves_as = ""
    may_refuse_reading = True

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Count what an answer holds; what may not leave becomes the refusal."""
        if request.method == "GET" and response.status_code == 200 and getattr(request, "auth", None):
            try:
                count_leaving(
                    Door.REST,
                    name=self.leaves_as or type(self).__name__,
                    persons=self.persons_in(getattr(response, "data", None)) | self.addressed(),
                    by=request.user,
                    at=timezone.now(),  # noqa: TID251 - the shared end of many doors
                )
            except (DomainError, Refused) as refusal:
                response = self.handle_exception(refusal)  # type: ignore[attr-defined]
        return super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]

    def addressed(self) -> set[str]:
        """Return the keys of the persons that the address names, or whose file is handed out."""
        return {str(self.kwargs[self.person_in_address])} if self.person_in_address else set()  # type: ignore[attr-defined]

    def persons_in(self, data: Any) -> set[str]:
        """Return the keys of the persons of an answer."""
        if isinstance(data, Mapping):
            here = {str(data[key]) for key in self.person_keys if data.get(key)}
            kind, _colon, key = str(data.get("subject") or "").partition(":")
            about = {key} if kind == "doctor" else set()
            return here.union(about, *(self.persons_in(one) for one in data.values()))
        if isinstance(data, list | tuple):
            return set().union(*(self.persons_in(one) for one in data))
        return set()


class CursorPages(CursorPagination):
    """Pages by position in the order, never by number: page 10,000 costs what page 1 costs."""

    page_size = 50
    max_page_size = 100
    page_size_query_param = "limit"
    ordering = "-id"

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": address, "previous": address, "results": schema},
        }

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """Return a page. Raises: NotFound for a position that nobody gave out."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError, DataError) as error:
            raise NotFound(_("There is no such page. Begin again without a cursor.")) from error


class ScopeAllows(BasePermission):
    """A token reads with `read` and sends with `write` or `act`; a signed-in browser needs no scope."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        if request.auth is None:
            return True
        wanted = ("read",) if request.method in SAFE_METHODS else ("write", "act")
        return any(request.auth.allow_scopes([scope]) for scope in wanted)


class ActsAsPerson(BasePermission):
    """Only a person acts: a browser session, or a token a person granted with scope `act` (code + PKCE).

    A client alone, by client credentials, can never submit a visit, sign or approve.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated or request.user.has_role("service"):
            return False
        if request.auth is None:
            return True
        return bool(
            request.auth.user_id
            and request.auth.application.authorization_grant_type == "authorization-code"
            and request.auth.allow_scopes(["act"])
        )
