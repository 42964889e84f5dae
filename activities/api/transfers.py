"""Reported transfers of value over REST: for those who oversee and keep the data, and for interfaces."""

from __future__ import annotations

from typing import Any

from django.utils.dateparse import parse_date
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from activities import permissions
from activities.choices import TransferCategory, TransferSource
from activities.models import TransferOfValue
from activities.selectors.transfers import transfer_filters, transfers_visible_to
from pharmacrm.common.api import CountsPersons, CursorPages, ScopeAllows

TEXTS = ("source", "category", "payer", "number", "doctor")
DAYS = ("since", "until")


class TransferSerializer(serializers.ModelSerializer):
    """A reported transfer, in whole hundredths of its currency."""

    class Meta:
        model = TransferOfValue
        fields = (
            "id", "doctor", "source", "record_number", "category", "payer", "amount_minor", "currency", "paid_on",
            "nature", "form", "product", "study",
        )  # fmt: skip
        read_only_fields = fields


class TransferPages(CursorPages):
    ordering = ("-paid_on", "-id")


class TransfersView(CountsPersons, ListAPIView):
    """Reported transfers of value, the latest payment first."""

    leaves_as = "transfers"
    serializer_class = TransferSerializer
    pagination_class = TransferPages
    permission_classes = (ScopeAllows,)
    filter_backends = ()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        if getattr(self, "swagger_fake_view", False):
            return TransferOfValue.objects.none()
        if not permissions.can_see_reported_transfers(self.request.user):
            raise PermissionDenied
        query = self.request.query_params
        wanted: dict[str, Any] = {name: query.get(name, "") for name in TEXTS}
        wanted |= {name: _day(name, query.get(name, "")) for name in DAYS}
        return transfer_filters(transfers_visible_to(self.request.user), user=self.request.user, **wanted)

    @extend_schema(
        operation_id="transfers_list",
        tags=["activities"],
        parameters=[
            OpenApiParameter("source", str, enum=TransferSource.values),
            OpenApiParameter("category", str, enum=TransferCategory.values),
            OpenApiParameter("doctor", str, description="Code, or the exact name"),
            OpenApiParameter("payer", str, description="Words in the payer's name"),
            OpenApiParameter("number", str, description="Record number of the source"),
            OpenApiParameter("since", str, description="First day of payment, ISO 8601"),
            OpenApiParameter("until", str, description="Last day of payment, ISO 8601"),
        ],
    )
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)


def _day(name: str, text: str) -> Any:
    try:
        day = parse_date(text) if text else None
    except ValueError:
        day = None
    if text and day is None:
        raise ValidationError({name: ["Write it as 2026-11-21."]})
    return day
