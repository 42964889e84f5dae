"""REST: the figures of the board, and the rows behind each."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pharmacrm.common.api import CountsPersons, CursorPages, JSONRenderer, Workbook
from pharmacrm.common.listing import excel

from . import selectors, views

FILTERS = [
    OpenApiParameter("cycle", str, description="Key of a cycle; the current one by default."),
    OpenApiParameter("tier", str, enum=["core", "potential", "basic", "none"]),
    OpenApiParameter("team", str, description="Key of a territory: the doctors in it and below."),
    OpenApiParameter("rep", str, description="Key of a person: only their visits are counted."),
]


class ScopeSerializer(serializers.Serializer):
    cycle = serializers.UUIDField(required=False)
    tier = serializers.ChoiceField(choices=["core", "potential", "basic", "none"], required=False)
    team = serializers.UUIDField(required=False)
    rep = serializers.UUIDField(required=False)


class LineSerializer(serializers.Serializer):
    """One group. `coverage_permille` is `met` of `base` in thousandths."""

    key = serializers.CharField(read_only=True)
    label = serializers.CharField(read_only=True)
    base = serializers.IntegerField(read_only=True)
    met = serializers.IntegerField(read_only=True)
    contacts = serializers.IntegerField(read_only=True)
    coverage_permille = serializers.IntegerField(read_only=True, allow_null=True)
    goal_coverage = serializers.IntegerField(read_only=True, allow_null=True)
    goal_frequency = serializers.IntegerField(read_only=True, allow_null=True)


class BoardSerializer(serializers.Serializer):
    cycle = serializers.CharField(read_only=True)
    tiers = LineSerializer(many=True, read_only=True)
    teams = LineSerializer(many=True, read_only=True)


class BoardRowSerializer(serializers.Serializer):
    id = serializers.UUIDField(read_only=True)
    code = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True, source="identity.name")
    tier = serializers.CharField(read_only=True)
    hospital = serializers.CharField(read_only=True, source="hospital.name", default="")
    contacts = serializers.IntegerField(read_only=True, source="visit_count")
    last_met_at = serializers.DateTimeField(read_only=True, allow_null=True)


class BoardView(APIView):
    """Coverage and frequency by tier and team."""

    @extend_schema(
        parameters=FILTERS, responses=BoardSerializer, operation_id="board_coverage", tags=["boards"]
    )
    def get(self, request: Request) -> Response:
        scope = _scope(request)
        return Response(
            BoardSerializer(
                {
                    "cycle": str(scope.cycle or ""),
                    "tiers": selectors.lines_by_tier(scope),
                    "teams": selectors.lines_by_team(scope),
                }
            ).data
        )


class BoardRowPages(CursorPages):
    ordering = ("-id",)


class BoardRowsView(CountsPersons, ListAPIView):
    """The doctors behind one figure: base, met, missed or contacts."""

    person_keys, leaves_as = ("id",), "board rows"

    serializer_class = BoardRowSerializer
    pagination_class = BoardRowPages
    filter_backends = ()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return []
        try:
            return selectors.rows_behind(_scope(self.request), self.kwargs["figure"])
        except ValueError:
            raise NotFound from None

    @extend_schema(parameters=FILTERS, operation_id="board_rows", tags=["boards"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class BoardBookView(APIView):
    """The doctors behind one figure as an Excel file of values only."""

    renderer_classes = (Workbook, JSONRenderer)
    may_refuse_reading = True  # the workbook is counted as it is written

    @extend_schema(
        parameters=FILTERS,
        responses={(200, Workbook.media_type): OpenApiTypes.BINARY},
        operation_id="board_rows_workbook",
        tags=["boards"],
    )
    def get(self, request: Request, figure: str) -> HttpResponseBase:
        try:
            rows = selectors.rows_behind(_scope(request), figure)
        except ValueError:
            raise NotFound from None
        return excel(
            figure,
            views.ROW_COLUMNS,
            rows.order_by("-visit_count", "pk"),
            seen_by=request.user,
            at=timezone.now(),
            person="pk",
        )


def _scope(request: Request) -> Any:
    if not selectors.can_see_boards(request.user):
        raise PermissionDenied
    asked = ScopeSerializer(data=request.query_params)
    if not asked.is_valid():
        raise ValidationError(asked.errors)
    return views.scope_of(request.user, {name: str(value) for name, value in asked.validated_data.items()})
