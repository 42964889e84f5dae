"""Views that REST doors are made of. Apart from `api.py`, whose parts the settings name before any view can be imported."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .api import ActsAsPerson, CursorPages, ScopeAllows


class PersonView(APIView):
    """An address for acts of a person: a client alone gets 403."""

    permission_classes = (ActsAsPerson,)


class ReadsOrActs(APIView):
    """An address that whoever may see it reads, and at which only a person acts."""

    def get_permissions(self) -> list[Any]:
        return [ScopeAllows()] if self.request.method in SAFE_METHODS else [ActsAsPerson()]


class Listed(ReadsOrActs, ListAPIView[Any]):
    """A list by pages. `rows()` says what the caller sees, by the filters of `query`; `shown()` readies a page."""

    pagination_class = CursorPages
    filter_backends = ()
    query: ClassVar[type[serializers.Serializer[Any]] | None] = None

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def shown(self, rows: list[Any]) -> list[Any]:
        return rows

    def chosen(self) -> dict[str, Any]:
        """Return the filters of the query. Raises: ValidationError."""
        return shaped(self.query, self.request.query_params.dict()) if self.query else {}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.paginate_queryset(self.rows())
        return self.get_paginated_response(self.get_serializer(self.shown(list(rows or [])), many=True).data)

    def get_queryset(self) -> QuerySet[Any]:
        return self.rows()


def shaped(shape: type[serializers.BaseSerializer[Any]], given: Any) -> dict[str, Any]:
    """Return what was sent in the shape asked for. Raises: ValidationError."""
    payload = shape(data=given)
    payload.is_valid(raise_exception=True)
    return dict(payload.validated_data)
