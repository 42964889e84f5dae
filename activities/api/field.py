"""A representative's day over REST, as the person behind the token: plan, begin, choose, show, correct."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from activities import actions, permissions
from activities.actions import OperationNotUnderstood, PageView, payloads
from activities.selectors import field_day, field_kit, show_facts
from compliance import actions as law
from content import actions as content_actions
from doctors import selectors as doctors
from pharmacrm.common.api import JSONRenderer, WebP
from pharmacrm.common.rest import PersonView

from .serializers import (
    AmendmentSerializer,
    MeantMaterialSerializer,
    PagesSerializer,
    PlanSerializer,
    ReasonsSerializer,
    ShowingSerializer,
    ShowMaterialSerializer,
    TopicSerializer,
    VisitSerializer,
)

T = TypeVar("T")


class PlanView(PersonView):
    """Plan a visit; the law is asked before it stands."""

    @extend_schema(
        operation_id="visits_plan",
        tags=["activities"],
        request=PlanSerializer,
        responses={201: VisitSerializer},
    )
    def post(self, request: Request) -> Response:
        _shape(PlanSerializer, request)
        plan = _read(lambda: payloads.visit_plan(request.data))
        with law.reasons_given(payloads.reasons(request.data)):
            visit = actions.plan_visit(plan=plan, by=request.user, at=timezone.now())
        return Response(VisitSerializer(visit).data, status=status.HTTP_201_CREATED)


class StartView(PersonView):
    """Check in: the visit begins now, and the law is asked again."""

    @extend_schema(
        operation_id="visits_start",
        tags=["activities"],
        request=ReasonsSerializer,
        responses=VisitSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        with law.reasons_given(_shape(ReasonsSerializer, request).get("reasons", {})):
            visit = _found(lambda: actions.start_visit(visit_id=pk, by=request.user, at=timezone.now()))
        return Response(VisitSerializer(visit).data)


class CancelView(PersonView):
    """Take a visit that was not submitted off the plan."""

    @extend_schema(operation_id="visits_cancel", tags=["activities"], request=None, responses=VisitSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        visit = _found(lambda: actions.cancel_visit(visit_id=pk, by=request.user, at=timezone.now()))
        return Response(VisitSerializer(visit).data)


class AmendView(PersonView):
    """Correct a submitted visit: the correction stands beside it."""

    @extend_schema(
        operation_id="visits_amend",
        tags=["activities"],
        request=AmendmentSerializer,
        responses=VisitSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        said = _shape(AmendmentSerializer, request)
        amendment = _found(
            lambda: actions.amend_visit(
                visit_id=pk,
                reason=said["reason"],
                note=said.get("note", ""),
                changes={name: said[name] for name in actions.AMENDABLE if said.get(name)},
                by=request.user,
                at=timezone.now(),
            )
        )
        return Response(VisitSerializer(amendment.visit).data)


class MeantMaterialsView(PersonView):
    """The released materials for one doctor, best first, each with the reasons for its place."""

    @extend_schema(
        operation_id="doctor_materials", tags=["activities"], responses=MeantMaterialSerializer(many=True)
    )
    def get(self, request: Request, pk: UUID) -> Response:
        if not permissions.can_do_field_work(request.user):
            raise PermissionDenied
        at = timezone.now()
        card = doctors.doctor_card(pk) if show_facts.may_meet(request.user, pk, at) else None
        if card is None:
            raise Http404
        questions = field_day.open_questions([pk]).get(pk, [])
        ranked = field_day.ranked_materials(card, questions, by=request.user, at=at, limit=30)
        return Response(MeantMaterialSerializer(ranked, many=True).data)


class TopicsView(PersonView):
    """What may be talked about: each product of the person's filing, then its approved messages."""

    @extend_schema(operation_id="visit_topics", tags=["activities"], responses=TopicSerializer(many=True))
    def get(self, request: Request) -> Response:
        if not permissions.can_do_field_work(request.user):
            raise PermissionDenied
        topics = field_kit.topics_of(request.user, at=timezone.now())
        return Response(TopicSerializer(topics, many=True).data)


class ShowingsView(PersonView):
    """Open a material before a doctor's eyes; the law is asked first."""

    @extend_schema(
        operation_id="showings_open",
        tags=["activities"],
        request=ShowMaterialSerializer,
        responses={201: ShowingSerializer},
    )
    def post(self, request: Request) -> Response:
        said = _shape(ShowMaterialSerializer, request)
        showing = _found(
            lambda: actions.show_material(
                version_id=said["version_id"],
                doctor_id=said["doctor_id"],
                visit_id=said.get("visit_id"),
                channel=said.get("channel", ""),
                by=request.user,
                at=timezone.now(),
            )
        )
        return Response(ShowingSerializer(showing).data, status=status.HTTP_201_CREATED)


class ShowingPageView(PersonView):
    """One page of a material that is before a doctor's eyes, as a picture."""

    renderer_classes = (WebP, JSONRenderer)

    @extend_schema(
        operation_id="showings_page",
        tags=["activities"],
        responses={(200, "image/webp"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: UUID, page: int) -> HttpResponse:
        showing = show_facts.own_showing(pk, by=request.user)
        found = (
            content_actions.released_page(
                version_id=showing.version_id, page=page, by=request.user, at=timezone.now()
            )
            if showing
            else None
        )
        if found is None:
            raise Http404
        return HttpResponse(found, content_type="image/webp", headers={"Cache-Control": "no-store"})


class ShowingViewsView(PersonView):
    """How long each page of a showing was on the screen."""

    @extend_schema(
        operation_id="showings_views", tags=["activities"], request=PagesSerializer, responses=PagesSerializer
    )
    def post(self, request: Request, pk: UUID) -> Response:
        said = _shape(PagesSerializer, request)
        pages = tuple(PageView(page=one["page"], dwell_ms=one["dwell_ms"]) for one in said["pages"])
        kept = _found(
            lambda: actions.record_page_views(showing_id=pk, pages=pages, by=request.user, at=timezone.now())
        )
        return Response({"pages": [{"page": view.page, "dwell_ms": view.dwell_ms} for view in kept]})


def _shape(shape: Any, request: Request) -> dict[str, Any]:
    payload = shape(data=request.data)
    payload.is_valid(raise_exception=True)
    return dict(payload.validated_data)


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except OperationNotUnderstood as error:
        raise ValidationError({error.field or "detail": [error.message]}) from None


def _found(act: Callable[[], T]) -> T:
    try:
        return act()
    except ObjectDoesNotExist:
        raise Http404 from None
