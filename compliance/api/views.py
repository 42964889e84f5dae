"""Cases, findings, holds and exceptions over REST: read by officers and inspectors, for whom a person granted the token.

A client alone opens a case, as a hotline of another house does, and nothing more: nobody closes, lifts or signs here.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compliance import actions, permissions, selectors
from compliance.models import Case, Finding, Hold, Waiver
from compliance.selectors import oversight
from compliance.selectors.casework import cases_visible_to
from compliance.selectors.manifest import manifest_of, may_read_signatures
from pharmacrm.common.api import CountsPersons, CursorPages, ScopeAllows

from .serializers import (
    CaseQuery,
    CaseSerializer,
    FindingQuery,
    FindingSerializer,
    HoldQuery,
    HoldSerializer,
    OpenedCaseSerializer,
    ReportSerializer,
    SignatureSerializer,
    WaiverQuery,
    WaiverSerializer,
)


class ReadsOversight(IsAuthenticated):
    """Officers and inspectors: whoever sees the queue."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(super().has_permission(request, view)) and permissions.can_see_cockpit(request.user)


class SendsReports(IsAuthenticated):
    """The service account of another hotline, or an officer who took a call; everybody else has the hotline's own page."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(super().has_permission(request, view)) and request.user.has_role("service", "compliance")


class Records(CountsPersons, ListAPIView[Any]):
    """One kind of record, newest first, by the filters of its query."""

    permission_classes = (ReadsOversight, ScopeAllows)
    pagination_class = CursorPages
    filter_backends = ()
    query: ClassVar[type[serializers.Serializer[Any]]]

    def chosen(self) -> dict[str, Any]:
        given = self.query(data=self.request.query_params)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)


class CasesView(Records):
    """Cases whose team the caller is on, or that nobody has taken."""

    serializer_class = CaseSerializer
    query = CaseQuery
    queryset = Case.objects.none()

    def get_permissions(self) -> list[Any]:
        return [SendsReports(), ScopeAllows()] if self.request.method == "POST" else super().get_permissions()

    def get_queryset(self) -> QuerySet[Case]:
        return cases_visible_to(self.request.user).filter(**self.chosen())

    @extend_schema(operation_id="cases_list", tags=["compliance"], parameters=[CaseQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="cases_open",
        tags=["compliance"],
        request=ReportSerializer,
        responses={201: OpenedCaseSerializer},
    )
    def post(self, request: Request) -> Response:
        """Take in a report from another hotline."""
        given = ReportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        report, _code = actions.report_concern(**given.validated_data, by=request.user, at=timezone.now())
        return Response(OpenedCaseSerializer(report.case).data, status=status.HTTP_201_CREATED)


class CaseView(CountsPersons, RetrieveAPIView[Case]):
    """One case."""

    permission_classes = (ReadsOversight, ScopeAllows)
    serializer_class = CaseSerializer
    lookup_field = "pk"
    queryset = Case.objects.none()

    def get_queryset(self) -> QuerySet[Case]:
        return cases_visible_to(self.request.user)

    @extend_schema(operation_id="cases_read", tags=["compliance"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class FindingsView(Records):
    """Findings, but those in a case that the caller may not open or about the caller."""

    serializer_class = FindingSerializer
    query = FindingQuery
    queryset = Finding.objects.none()

    def get_queryset(self) -> QuerySet[Finding]:
        return oversight.findings_visible_to(self.request.user).filter(**self.chosen())

    @extend_schema(operation_id="findings_list", tags=["compliance"], parameters=[FindingQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class FindingView(CountsPersons, RetrieveAPIView[Finding]):
    """One finding."""

    permission_classes = (ReadsOversight, ScopeAllows)
    serializer_class = FindingSerializer
    lookup_field = "pk"
    queryset = Finding.objects.none()

    def get_queryset(self) -> QuerySet[Finding]:
        return oversight.findings_visible_to(self.request.user)

    @extend_schema(operation_id="findings_read", tags=["compliance"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class HoldsView(Records):
    """Holds in force and lifted."""

    serializer_class = HoldSerializer
    query = HoldQuery
    queryset = Hold.objects.none()

    def get_queryset(self) -> QuerySet[Hold]:
        return oversight.holds_like(**self.chosen())

    @extend_schema(operation_id="holds_list", tags=["compliance"], parameters=[HoldQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class HoldView(CountsPersons, RetrieveAPIView[Hold]):
    """One hold."""

    permission_classes = (ReadsOversight, ScopeAllows)
    serializer_class = HoldSerializer
    lookup_field = "pk"
    queryset = Hold.objects.none()

    def get_queryset(self) -> QuerySet[Hold]:
        return oversight.holds_like()

    @extend_schema(operation_id="holds_read", tags=["compliance"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class WaiversView(Records):
    """Exceptions asked for and decided."""

    serializer_class = WaiverSerializer
    query = WaiverQuery
    queryset = Waiver.objects.none()

    def get_queryset(self) -> QuerySet[Waiver]:
        return selectors.waivers_visible_to(self.request.user, **self.chosen())

    @extend_schema(operation_id="waivers_list", tags=["compliance"], parameters=[WaiverQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class WaiverView(CountsPersons, RetrieveAPIView[Waiver]):
    """One exception."""

    permission_classes = (ReadsOversight, ScopeAllows)
    serializer_class = WaiverSerializer
    lookup_field = "pk"
    queryset = Waiver.objects.none()

    def get_queryset(self) -> QuerySet[Waiver]:
        return selectors.waivers_visible_to(self.request.user)

    @extend_schema(operation_id="waivers_read", tags=["compliance"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class SignaturesView(APIView):
    """The manifest of one subject: every signature under what `kind:key` names, oldest first, for whoever may open it."""

    permission_classes = (IsAuthenticated, ScopeAllows)

    @extend_schema(
        operation_id="signatures_list",
        tags=["compliance"],
        responses=SignatureSerializer(many=True),
    )
    def get(self, request: Request, subject: str) -> Response:
        if not may_read_signatures(request.user, subject):
            raise NotFound
        return Response(SignatureSerializer(manifest_of(subject), many=True).data)
