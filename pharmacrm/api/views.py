"""The root of the REST API: who the token speaks for, the schema's documentation, unknown addresses."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .errors import plain_problem


class WhoSerializer(serializers.Serializer):
    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(read_only=True)
    roles = serializers.ListField(child=serializers.CharField(), read_only=True)
    language = serializers.CharField(read_only=True)
    acts_as_person = serializers.BooleanField(read_only=True)


class WhoView(APIView):
    """Who the token speaks for."""

    @extend_schema(responses=WhoSerializer, operation_id="who_am_i", tags=["account"])
    def get(self, request: Request) -> Response:
        user = request.user
        return Response(
            {
                "id": user.pk,
                "name": str(user),
                "roles": sorted(user.roles),
                "language": getattr(request, "LANGUAGE_CODE", ""),
                "acts_as_person": not user.has_role("service"),
            }
        )


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own address: no inline script, no inline style."""

    template_name = "api/docs.html"


def not_found(request: HttpRequest, **_rest: Any) -> JsonResponse:
    """Answer an unknown address below /api/ as a problem."""
    return plain_problem(request, status=404, code="not_found", detail=_("There is nothing at this address."))
