"""Imports over REST: upload, columns, check, errors, commit, undo. Each step calls one action."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pharmacrm.common.api import CursorPages, JSONParser, JSONRenderer, Workbook
from pharmacrm.imports import actions, permissions, selectors, workbooks
from pharmacrm.imports.models import ImportJob, ImportRow

from .serializers import (
    CommitSerializer,
    ErrorRowSerializer,
    ImportSerializer,
    MappingSerializer,
    UploadSerializer,
)


class NewestFirst(CursorPages):
    ordering = ("-asked_at", "-id")


class ByNumber(CursorPages):
    ordering = "number"


class ImportsView(ListAPIView):
    """Imports the account may see."""

    serializer_class = ImportSerializer
    pagination_class = NewestFirst
    parser_classes = (MultiPartParser, JSONParser)
    takes_files = True
    filter_backends = ()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        if getattr(self, "swagger_fake_view", False):
            return ImportJob.objects.none()
        if not permissions.can_open_imports(self.request.user):
            raise PermissionDenied
        return selectors.jobs_visible_to(self.request.user)

    @extend_schema(operation_id="imports_list", tags=["imports"])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="imports_create",
        tags=["imports"],
        request={"multipart/form-data": UploadSerializer},
        responses={201: ImportSerializer},
    )
    def post(self, request: Request) -> Response:
        """Take a file in and guess its columns."""
        if not permissions.may_import_any(request.user):
            raise PermissionDenied
        payload = UploadSerializer(data=request.data)
        payload.is_valid(raise_exception=True)
        upload = payload.validated_data["file"]
        job = actions.upload_file(
            kind=payload.validated_data["kind"],
            file_name=upload.name,
            chunks=upload.chunks(),
            sheet=payload.validated_data["sheet"],
            by=request.user,
            at=timezone.now(),
        )
        return Response(ImportSerializer(job).data, status=status.HTTP_201_CREATED)


class ImportView(APIView):
    """One import: its state, percent and outcome."""

    @extend_schema(operation_id="imports_retrieve", tags=["imports"], responses=ImportSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(ImportSerializer(_job(request, pk)).data)


class ImportColumnsView(APIView):
    """Settle which header holds which column and start the check."""

    @extend_schema(
        operation_id="imports_columns",
        tags=["imports"],
        request=MappingSerializer,
        responses={202: ImportSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _job(request, pk)
        payload = MappingSerializer(data=request.data)
        payload.is_valid(raise_exception=True)
        actions.set_mapping(import_id=pk, by=request.user, at=timezone.now(), **payload.validated_data)
        return Response(ImportSerializer(_job(request, pk)).data, status=status.HTTP_202_ACCEPTED)


class ImportCommitView(APIView):
    """Write the rows: all of them, or the good ones."""

    @extend_schema(
        operation_id="imports_commit",
        tags=["imports"],
        request=CommitSerializer,
        responses={202: ImportSerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _job(request, pk)
        payload = CommitSerializer(data=request.data)
        payload.is_valid(raise_exception=True)
        actions.commit_import(import_id=pk, by=request.user, at=timezone.now(), **payload.validated_data)
        return Response(ImportSerializer(_job(request, pk)).data, status=status.HTTP_202_ACCEPTED)


class ImportUndoView(APIView):
    """Take an import back within 24 hours."""

    @extend_schema(
        operation_id="imports_undo", tags=["imports"], request=None, responses={202: ImportSerializer}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _job(request, pk)
        actions.undo_import(import_id=pk, by=request.user, at=timezone.now())
        return Response(ImportSerializer(_job(request, pk)).data, status=status.HTTP_202_ACCEPTED)


class ImportErrorsView(ListAPIView):
    """Rows with faults or remarks: which cell, which fault, what to do, and whether it stops the row."""

    serializer_class = ErrorRowSerializer
    pagination_class = ByNumber
    filter_backends = ()

    @extend_schema(operation_id="imports_errors", tags=["imports"])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self):  # type: ignore[no-untyped-def]
        if getattr(self, "swagger_fake_view", False):
            return ImportRow.objects.none()
        return selectors.spoken_of_rows(_job(self.request, self.kwargs["pk"]))


class ImportErrorBookView(APIView):
    """The faulty rows as a workbook with a column of reasons, to correct and send again."""

    renderer_classes = (Workbook, JSONRenderer)

    @extend_schema(
        operation_id="imports_error_book",
        tags=["imports"],
        responses={(200, Workbook.media_type): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        book = workbooks.error_workbook(_job(request, pk))
        return HttpResponse(book, content_type=Workbook.media_type)


def _job(request: Request, pk: UUID) -> ImportJob:
    if not permissions.can_open_imports(request.user):
        raise PermissionDenied
    return get_object_or_404(selectors.jobs_visible_to(request.user), pk=pk)
