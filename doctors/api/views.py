"""The customer master over REST: the same visibility as on the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from doctors import selectors
from doctors.forms.doctors import DoctorFilter, HospitalFilter
from doctors.models import Department, Hospital
from doctors.selectors.cards import DoctorCard, card_of_row
from doctors.selectors.saved import rows_to_page
from pharmacrm.common.api import CountsPersons, CursorPages
from pharmacrm.common.listing import page_of

from .serializers import (
    DepartmentSerializer,
    DoctorDetailSerializer,
    DoctorPageSerializer,
    HitSerializer,
    HospitalSerializer,
)

FILTERS = [
    OpenApiParameter(name, str)
    for name in (
        "tier",
        "level",
        "division",
        "department",
        "specialty",
        "territory",
        "hospital",
        "picked",
        "after",
    )
]
FIELDS = (
    "id", "code", "name", "title", "post", "specialty", "status", "tier", "hospital_id", "hospital", "hospital_level",
    "department_id", "department", "division_code", "profiling_refused",
)  # fmt: skip
PAGE = 100


class DoctorsView(CountsPersons, APIView):
    """Doctors the account may see, by position: page 10,000 costs what page 1 costs."""

    person_keys, leaves_as = ("id",), "doctors"

    reads_filters_leniently = True

    @extend_schema(
        operation_id="doctors_list", tags=["doctors"], parameters=FILTERS, responses=DoctorPageSerializer
    )
    def get(self, request: Request) -> Response:
        chosen = DoctorFilter(request.query_params).chosen()
        chosen.pop("q", None)
        rows = rows_to_page(request.user, timezone.localdate(), chosen, order=("-pk",))
        size = min(max(_number(request.query_params.get("limit"), PAGE), 1), PAGE)
        page = page_of(rows, request._request, order=("-pk",), size=size)
        following = request.build_absolute_uri(page.next_url) if page.next_url else None
        return Response({"next": following, "results": [plain(card_of_row(row)) for row in page.rows]})


class DoctorSearchView(CountsPersons, APIView):
    """Doctors found the way people type, with the reason of each hit."""

    person_keys, leaves_as = ("id",), "doctors"

    reads_filters_leniently = True

    @extend_schema(
        operation_id="doctors_search",
        tags=["doctors"],
        parameters=[OpenApiParameter("q", str, required=True)],
        responses=HitSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        text = request.query_params.get("q", "")[:60]
        hits = selectors.search_doctors(request.user, text, timezone.localdate())
        return Response([{**plain(hit.card), "why": hit.why} for hit in hits])


class DoctorView(CountsPersons, APIView):
    """One doctor: card, places of work, masked contacts, consents."""

    person_keys, leaves_as = ("id",), "doctors"

    @extend_schema(operation_id="doctors_retrieve", tags=["doctors"], responses=DoctorDetailSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        at, on = timezone.now(), timezone.localdate()
        card = selectors.doctor_card(pk) if selectors.can_see(request.user, pk, on) else None
        if card is None:
            raise Http404
        profile = selectors.profile_of(pk, at, on)
        return Response(
            {
                **plain(card),
                "roles": profile.roles,
                "affiliations": [
                    {
                        "hospital_id": work.hospital_id,
                        "hospital": work.hospital.name,
                        "department": work.department_name or str(work.department or ""),
                        "is_primary": work.is_primary,
                        "valid_from": work.valid_from,
                    }
                    for work in profile.affiliations
                ],
                "contacts": [
                    {
                        "id": line.id,
                        "kind": line.kind,
                        "masked": line.masked,
                        "is_preferred": line.is_preferred,
                    }
                    for line in profile.contacts
                ],
                "consents": [
                    {"channel": row.channel, "state": row.state, "since": row.since}
                    for row in profile.consents
                ],
            }
        )


class NewestFirst(CursorPages):
    ordering = "-id"


class HospitalsView(ListAPIView):
    """Hospitals: public facts about institutions."""

    reads_filters_leniently = True
    serializer_class = HospitalSerializer
    pagination_class = NewestFirst
    filter_backends = ()

    @extend_schema(
        operation_id="hospitals_list",
        tags=["doctors"],
        parameters=[OpenApiParameter(name, str) for name in ("q", "level", "division", "kind")],
    )
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self):  # type: ignore[no-untyped-def]
        if getattr(self, "swagger_fake_view", False):
            return Hospital.objects.none()
        return selectors.hospitals_listed(**HospitalFilter(self.request.query_params).chosen())


class DepartmentsView(ListAPIView):
    """Clinical departments of the national list."""

    serializer_class = DepartmentSerializer
    pagination_class = NewestFirst
    filter_backends = ()
    queryset = Department.objects.all()

    @extend_schema(operation_id="departments_list", tags=["doctors"])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)


def plain(card: DoctorCard) -> dict[str, Any]:
    """Return a card as plain values."""
    return {name: getattr(card, name) for name in FIELDS}


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else otherwise
