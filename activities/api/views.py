"""Field work over REST. Reads are for data; a visit is submitted by a person only."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException, PermissionDenied, ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from activities import actions, permissions, selectors
from activities.actions import OperationNotUnderstood, payloads
from activities.models import Cycle, Visit
from compliance import actions as law
from pharmacrm.common.api import ActsAsPerson, CountsPersons, CursorPages, ScopeAllows

from .serializers import (
    AttainmentSerializer,
    CycleSerializer,
    ReceiptsSerializer,
    SyncSerializer,
    VisitReportSerializer,
    VisitSerializer,
)

FILTERS = [
    OpenApiParameter("state", str),
    OpenApiParameter("channel", str),
    OpenApiParameter("breach", str, enum=["yes", "no"]),
    OpenApiParameter("since", str, description="First day, ISO 8601"),
    OpenApiParameter("until", str, description="Last day, ISO 8601"),
]


class VisitsView(CountsPersons, ListAPIView):
    """Visits in the caller's sight, newest first."""

    leaves_as = "visits"

    serializer_class = VisitSerializer
    pagination_class = CursorPages
    filter_backends = ()

    @classmethod
    def keep_first(cls, request: HttpRequest) -> None:
        """Keep what was heard of harm before the transaction of the visit opens, whatever becomes of the visit."""
        door = cls()
        door.setup(request)
        try:
            door.request = asked = door.initialize_request(request)
            door.check_permissions(asked)
            body = asked.data
        except APIException:
            return  # the view says why
        actions.keep_safety_answer(body=body, by=asked.user, at=timezone.now())

    def get_permissions(self) -> list[Any]:
        return [ActsAsPerson()] if self.request.method == "POST" else [ScopeAllows()]

    def get_queryset(self):  # type: ignore[no-untyped-def]
        if getattr(self, "swagger_fake_view", False):
            return Visit.objects.none()
        if not permissions.can_see_visits(self.request.user):
            raise PermissionDenied
        query = self.request.query_params
        return selectors.visit_filters(
            selectors.visits_visible_to(self.request.user, on=timezone.localdate()),
            state=query.get("state", ""),
            channel=query.get("channel", ""),
            breach=query.get("breach", ""),
            since=_day(query.get("since", "")),
            until=_day(query.get("until", "")),
        )

    @extend_schema(operation_id="visits_list", tags=["activities"], parameters=FILTERS)
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        # Plain values: a serializer of models is most of what a page of a hundred costs.
        rows = self.paginate_queryset(self.get_queryset().order_by().values(*VisitSerializer.Meta.fields))
        return self.get_paginated_response(rows)

    @extend_schema(
        operation_id="visits_submit",
        tags=["activities"],
        request=VisitReportSerializer,
        responses={201: VisitSerializer},
    )
    def post(self, request: Request) -> Response:
        """Submit a visit as the person behind the token; what already happened is stored, in breach or not."""
        payload = VisitReportSerializer(data=request.data)
        payload.is_valid(raise_exception=True)
        now, given = timezone.now(), cast("dict[str, Any]", request.data)
        try:
            report = payloads.visit_report(given, device_saved_at=now)
        except OperationNotUnderstood as error:
            raise ValidationError({error.field or "detail": [error.message]}) from None
        if not permissions.can_do_field_work(request.user):
            raise PermissionDenied
        with law.reasons_given(payloads.reasons(given)):
            visit = actions.submit_visit(report=report, by=request.user, at=now)
        return Response(VisitSerializer(visit).data, status=status.HTTP_201_CREATED)


class VisitView(CountsPersons, APIView):
    """One visit."""

    leaves_as = "visits"

    permission_classes = (ScopeAllows,)

    @extend_schema(operation_id="visits_read", tags=["activities"], responses=VisitSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_see_visits(request.user):
            raise PermissionDenied
        visit = selectors.visits_visible_to(request.user, on=timezone.localdate()).filter(pk=pk).first()
        if visit is None:
            raise Http404
        return Response(VisitSerializer(visit).data)


class SyncView(APIView):
    """A phone's operation log: each operation has its own key, its own transaction, its own answer."""

    permission_classes = (ActsAsPerson,)
    idempotency_exempt = True

    @extend_schema(
        operation_id="sync", tags=["activities"], request=SyncSerializer, responses=ReceiptsSerializer
    )
    def post(self, request: Request) -> Response:
        payload = SyncSerializer(data=request.data)
        payload.is_valid(raise_exception=True)
        try:
            operations = actions.read_operations(request.data)
        except (ValueError, TypeError, KeyError):
            raise ValidationError({"operations": ["?"]}) from None
        now = timezone.now()
        answers = actions.answer_operations(operations, by=request.user, at=now)
        return Response({"server_at": now.isoformat(), "answers": answers})


class CyclesView(ListAPIView):
    """Cycles, the latest first."""

    serializer_class = CycleSerializer
    permission_classes = (ScopeAllows,)
    pagination_class = CursorPages
    filter_backends = ()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        if getattr(self, "swagger_fake_view", False):
            return Cycle.objects.none()
        if not permissions.can_see_plans(self.request.user):
            raise PermissionDenied
        return selectors.cycles()

    @extend_schema(operation_id="cycles_list", tags=["activities"])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)


class AttainmentView(APIView):
    """How far the goals of a cycle are reached in the caller's sight."""

    permission_classes = (ScopeAllows,)

    @extend_schema(
        operation_id="cycles_attainment", tags=["activities"], responses=AttainmentSerializer(many=True)
    )
    def get(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_see_plans(request.user):
            raise PermissionDenied
        cycle = selectors.cycles().filter(pk=pk).first()
        if cycle is None:
            raise Http404
        lines = selectors.attainment_of(cycle, request.user, on=timezone.localdate())
        return Response(AttainmentSerializer(lines, many=True).data)


def _day(text: str):  # type: ignore[no-untyped-def]
    if not text:
        return None
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise ValidationError({"since": [text]})
    return found
